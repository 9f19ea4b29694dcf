"""Whether the process lives, whether it can answer, and what it offers."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response

from contracts.api import Health
from recommendation_service.http_api.access import open_to_all
from recommendation_service.http_api.api_page import api_page, api_page_policy
from recommendation_service.http_api.openapi import openapi_document
from recommendation_service.http_api.responses import JSON, answer
from recommendation_service.services.recommendation_service import RecommendationService


def operations_blueprint(service: RecommendationService) -> Blueprint:
    """Open to everybody who reaches the service."""
    operations = Blueprint("operations", __name__)

    @operations.get("/healthz")
    @open_to_all
    def health() -> Response:
        return answer(Health())

    @operations.get("/readyz")
    @open_to_all
    def readiness() -> Response:
        state = service.state.readiness()
        return answer(state, HTTPStatus.OK if state.ready else HTTPStatus.SERVICE_UNAVAILABLE)

    @operations.get("/openapi.json")
    @open_to_all
    def openapi() -> Response:
        return Response(openapi_document(), content_type=JSON)

    @operations.get("/docs")
    @open_to_all
    def docs() -> Response:
        page = Response(api_page(), content_type="text/html; charset=utf-8")
        page.headers["Content-Security-Policy"] = api_page_policy()
        return page

    return operations
