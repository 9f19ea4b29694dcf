"""What members and the platform ask for: each route parses, calls the service, and answers by `contracts.api`."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from contracts.access import Scope
from contracts.api import PeopleQuestion
from recommendation_service.http_api.access import admits, bearer, require_own
from recommendation_service.http_api.batch_routes import add_batch, add_scores
from recommendation_service.http_api.bodies import read_body
from recommendation_service.http_api.list_query import (
    PEOPLE_PARAMETERS,
    RECOMMENDATIONS_PARAMETERS,
    SIMILAR_PARAMETERS,
    ListQuery,
    parse_list_query,
    parse_nothing,
)
from recommendation_service.http_api.parsing import parse_id
from recommendation_service.http_api.request_ids import request_id
from recommendation_service.http_api.responses import JSON, answer
from recommendation_service.services.recommendation_service import RecommendationService

MOST_QUESTION_BYTES = 500_000
"""Ten thousand ids, and some room."""


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
        return _people(service, identity, parse_list_query(request.args, PEOPLE_PARAMETERS))

    @api.post("/startups/<startup_id>/people")
    @admits(Scope.MEMBER, Scope.PLATFORM)
    def people_without_many(startup_id: str) -> Response:
        identity = parse_id(startup_id, "startup")
        parse_nothing(request.args)
        return _people(service, identity, read_body(PeopleQuestion, max_bytes=MOST_QUESTION_BYTES))


def _people(service: RecommendationService, startup_id: UUID, asked: ListQuery | PeopleQuestion) -> Response:
    asking = bearer()
    found = service.people(
        startup_id,
        asked.limit,
        owner_id=asking.user_id if asking.scope is Scope.MEMBER else None,
        role=asked.role,
        request_id=request_id(),
        exclude=asked.exclude,
        explain=asked.explain,
    )
    return answer(found)
