"""The routes of the API: each parses, calls the service, and answers with a type of `contracts.api`."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice

from flask import Blueprint, Response, request
from pydantic import BaseModel

from contracts.access import Scope
from contracts.api import BatchRequest, Health, PairsToScore
from recommendation_service.http_api.access import admits, bearer, open_to_all, require_own
from recommendation_service.http_api.api_page import api_page, api_page_policy
from recommendation_service.http_api.bodies import read_body
from recommendation_service.http_api.list_query import (
    PEOPLE_PARAMETERS,
    RECOMMENDATIONS_PARAMETERS,
    SIMILAR_PARAMETERS,
    parse_list_query,
    parse_nothing,
)
from recommendation_service.http_api.openapi import openapi_document
from recommendation_service.http_api.parsing import parse_id
from recommendation_service.http_api.request_ids import request_id
from recommendation_service.services.recommendation_service import RecommendationService

MAX_BODY_BYTES = 200_000
"""A thousand pairs of ids, and as much again."""
LINES_AT_ONCE = 64
JSON = "application/json"


def api_blueprint(service: RecommendationService) -> Blueprint:
    """What members and the platform ask for: version 1."""
    api = Blueprint("v1", __name__, url_prefix="/v1")

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

    @api.post("/scores")
    @admits(Scope.MEMBER, Scope.PLATFORM)
    def scores() -> Response:
        parse_nothing(request.args)
        asked = read_body(PairsToScore, max_bytes=MAX_BODY_BYTES)
        for user_id in {pair.user_id for pair in asked.pairs}:
            require_own(user_id)
        return answer(service.score_pairs(asked.pairs, request_id=request_id()))

    @api.post("/batch/recommendations")
    @admits(Scope.PLATFORM)
    def batch() -> Response:
        parse_nothing(request.args)
        asked = read_body(BatchRequest, max_bytes=MAX_BODY_BYTES)
        lines = service.recommend_many_json(asked, request_id=request_id())
        return Response(_json_lines(lines), content_type="application/x-ndjson")

    return api


def operations_blueprint(service: RecommendationService) -> Blueprint:
    """Whether the process lives, whether it can answer, and what it offers."""
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


def answer(body: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A message of the contract as a response."""
    return Response(body.model_dump_json(), status=status.value, content_type=JSON)


def _json_lines(lines: Iterator[str]) -> Iterator[str]:
    """Some dozen lines at a time: each piece that is sent costs as much as making a line."""
    while piece := list(islice(lines, LINES_AT_ONCE)):
        yield "\n".join([*piece, ""])
