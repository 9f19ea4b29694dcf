"""What members and the platform ask for: each route parses, calls the service, and answers by `contracts.api`."""

from __future__ import annotations

from flask import Blueprint, Response, request

from contracts.access import Scope
from recommendation_service.http_api.access import admits, bearer, require_own
from recommendation_service.http_api.batch_routes import add_batch, add_scores
from recommendation_service.http_api.list_query import (
    PEOPLE_PARAMETERS,
    RECOMMENDATIONS_PARAMETERS,
    SIMILAR_PARAMETERS,
    parse_list_query,
)
from recommendation_service.http_api.parsing import parse_id
from recommendation_service.http_api.request_ids import request_id
from recommendation_service.http_api.responses import JSON, answer
from recommendation_service.services.recommendation_service import RecommendationService


def api_blueprint(service: RecommendationService) -> Blueprint:
    """Version 1."""
    api = Blueprint("v1", __name__, url_prefix="/v1")
    for add in (_add_recommendations, _add_similar, _add_people, add_scores, add_batch):
        add(api, service)
    return api


def _add_recommendations(api: Blueprint, service: RecommendationService) -> None:
    @api.get("/users/<user_id>/recommendations")
    @admits(Scope.MEMBER, Scope.PLATFORM)
    def recommendations(user_id: str) -> Response:
        identity = parse_id(user_id, "user")
        require_own(identity)
        query = parse_list_query(request.args, RECOMMENDATIONS_PARAMETERS)
        if query.cursor is not None:
            found = service.recommend(
                identity, query.limit, request_id=request_id(), explain=query.explain, cursor=query.cursor
            )
            return answer(found)
        body = service.recommend_json(
            identity,
            query.limit,
            request_id=request_id(),
            filters=query.filters,
            exclude=query.exclude,
            explain=query.explain,
        )
        return Response(body, content_type=JSON)


def _add_similar(api: Blueprint, service: RecommendationService) -> None:
    @api.get("/startups/<startup_id>/similar")
    @admits(Scope.MEMBER, Scope.PLATFORM)
    def similar(startup_id: str) -> Response:
        identity = parse_id(startup_id, "startup")
        query = parse_list_query(request.args, SIMILAR_PARAMETERS)
        found = service.similar(
            identity,
            query.limit,
            request_id=request_id(),
            filters=query.filters,
            exclude=query.exclude,
            explain=query.explain,
        )
        return answer(found)


def _add_people(api: Blueprint, service: RecommendationService) -> None:
    @api.get("/startups/<startup_id>/people")
    @admits(Scope.MEMBER, Scope.PLATFORM)
    def people(startup_id: str) -> Response:
        identity = parse_id(startup_id, "startup")
        query = parse_list_query(request.args, PEOPLE_PARAMETERS)
        asking = bearer()
        found = service.people(
            identity,
            query.limit,
            owner_id=asking.user_id if asking.scope is Scope.MEMBER else None,
            role=query.role,
            request_id=request_id(),
            exclude=query.exclude,
            explain=query.explain,
        )
        return answer(found)
