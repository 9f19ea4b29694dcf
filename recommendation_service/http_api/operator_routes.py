"""What engineers look at and change, and the platform's hints: each parses, calls the service, and answers."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request

from contracts.access import Scope
from contracts.api import Activation, RefreshAccepted, RefreshHint, Rollback
from recommendation_service.http_api.access import admits
from recommendation_service.http_api.bodies import read_body
from recommendation_service.http_api.list_query import parse_limit_only, parse_nothing
from recommendation_service.http_api.parsing import parse_id, parse_version
from recommendation_service.http_api.request_ids import request_id
from recommendation_service.http_api.responses import answer
from recommendation_service.services.recommendation_service import RecommendationService


def operator_blueprint(service: RecommendationService) -> Blueprint:
    """Models, status, inspection, hints: version 1."""
    operator = Blueprint("v1_operator", __name__, url_prefix="/v1")
    for add in (_add_looking_at_models, _add_changing_models, _add_looking_at_the_service):
        add(operator, service)
    return operator


def _add_looking_at_models(operator: Blueprint, service: RecommendationService) -> None:
    @operator.get("/models")
    @admits()
    def models() -> Response:
        parse_nothing(request.args)
        return answer(service.model_control.models())

    @operator.get("/models/active")
    @admits()
    def active_model() -> Response:
        parse_nothing(request.args)
        return answer(service.model_control.active())


def _add_changing_models(operator: Blueprint, service: RecommendationService) -> None:
    @operator.post("/models/<version>/validate")
    @admits()
    def validate(version: str) -> Response:
        name = parse_version(version)
        parse_nothing(request.args)
        return answer(service.model_control.validate(name))

    @operator.post("/models/<version>/activate")
    @admits()
    def activate(version: str) -> Response:
        name = parse_version(version)
        parse_nothing(request.args)
        action = read_body(Activation)
        return answer(service.model_control.activate(name, reason=action.reason, force=action.force))

    @operator.post("/models/rollback")
    @admits()
    def roll_back() -> Response:
        parse_nothing(request.args)
        action = read_body(Rollback)
        return answer(service.model_control.rollback(reason=action.reason, seen=action.active))


def _add_looking_at_the_service(operator: Blueprint, service: RecommendationService) -> None:
    @operator.get("/status")
    @admits()
    def status() -> Response:
        parse_nothing(request.args)
        return answer(service.state.status())

    @operator.get("/users/<user_id>/inspection")
    @admits()
    def inspection(user_id: str) -> Response:
        identity = parse_id(user_id, "user")
        return answer(service.inspect(identity, parse_limit_only(request.args), request_id=request_id()))

    @operator.post("/refresh")
    @admits(Scope.PLATFORM)
    def refresh() -> Response:
        parse_nothing(request.args)
        service.hint(read_body(RefreshHint, empty_is_default=True))
        return answer(RefreshAccepted(), HTTPStatus.ACCEPTED)
