"""What engineers look at and change, and the platform's hints: each parses, calls the service, and answers."""

from __future__ import annotations

from flask import Blueprint, Response, request

from recommendation_service.http_api.access import admits
from recommendation_service.http_api.list_query import parse_limit_only, parse_nothing
from recommendation_service.http_api.parsing import parse_id
from recommendation_service.http_api.request_ids import request_id
from recommendation_service.http_api.routes import answer
from recommendation_service.services.recommendation_service import RecommendationService


def operator_blueprint(service: RecommendationService) -> Blueprint:
    """Models, status, inspection, hints: version 1."""
    operator = Blueprint("v1_operator", __name__, url_prefix="/v1")

    @operator.get("/models")
    @admits()
    def models() -> Response:
        parse_nothing(request.args)
        return answer(service.models())

    @operator.get("/status")
    @admits()
    def status() -> Response:
        parse_nothing(request.args)
        return answer(service.status())

    @operator.get("/users/<user_id>/inspection")
    @admits()
    def inspection(user_id: str) -> Response:
        identity = parse_id(user_id, "user")
        return answer(service.inspect(identity, parse_limit_only(request.args), request_id=request_id()))

    return operator
