"""The routes of the API: each parses, calls the service, and answers with a type of `contracts.api`."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request
from pydantic import BaseModel

from contracts.api import Health
from recommendation_service.http_api.openapi import openapi_document
from recommendation_service.http_api.parsing import parse_id, parse_limit, parse_nothing
from recommendation_service.http_api.request_ids import request_id
from recommendation_service.services.recommendation_service import RecommendationService


def api_blueprint(service: RecommendationService) -> Blueprint:
    """Recommendations, similar startups, models: version 1."""
    api = Blueprint("v1", __name__, url_prefix="/v1")

    @api.get("/users/<user_id>/recommendations")
    def recommendations(user_id: str) -> Response:
        identity = parse_id(user_id, "user")
        return _answer(service.recommend(identity, limit=parse_limit(request.args), request_id=request_id()))

    @api.get("/startups/<startup_id>/similar")
    def similar(startup_id: str) -> Response:
        identity = parse_id(startup_id, "startup")
        return _answer(service.similar(identity, limit=parse_limit(request.args), request_id=request_id()))

    @api.get("/models")
    def models() -> Response:
        parse_nothing(request.args)
        return _answer(service.models())

    return api


def operations_blueprint(service: RecommendationService) -> Blueprint:
    """Whether the process lives, whether it can answer, and what it offers."""
    operations = Blueprint("operations", __name__)

    @operations.get("/healthz")
    def health() -> Response:
        return _answer(Health())

    @operations.get("/readyz")
    def readiness() -> Response:
        state = service.readiness()
        return _answer(state, HTTPStatus.OK if state.ready else HTTPStatus.SERVICE_UNAVAILABLE)

    @operations.get("/openapi.json")
    def openapi() -> Response:
        return Response(openapi_document(), content_type="application/json")

    return operations


def _answer(body: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(body.model_dump_json(), status=status.value, content_type="application/json")
