"""Routes whose question is a body: pairs to score, and lists for many people at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from flask import Blueprint, Response, request

from contracts.access import Scope
from contracts.api import BatchRequest, PairsToScore
from recommendation_service.http_api.access import admits, require_own
from recommendation_service.http_api.bodies import read_body
from recommendation_service.http_api.list_query import parse_nothing
from recommendation_service.http_api.request_ids import request_id
from recommendation_service.http_api.responses import answer
from recommendation_service.services.recommendation_service import RecommendationService

LINES_AT_ONCE = 64


def add_scores(api: Blueprint, service: RecommendationService) -> None:
    """What the engines think of pairs."""

    @api.post("/scores")
    @admits(Scope.MEMBER, Scope.PLATFORM)
    def scores() -> Response:
        parse_nothing(request.args)
        asked = read_body(PairsToScore)
        for user_id in {pair.user_id for pair in asked.pairs}:
            require_own(user_id)
        return answer(service.score_pairs(asked.pairs, request_id=request_id()))


def add_batch(api: Blueprint, service: RecommendationService) -> None:
    """A list for each of many people, a line each."""

    @api.post("/batch/recommendations")
    @admits(Scope.PLATFORM)
    def batch() -> Response:
        parse_nothing(request.args)
        asked = read_body(BatchRequest)
        lines = service.recommend_many_json(asked, request_id=request_id())
        return Response(_json_lines(lines), content_type="application/x-ndjson")


def _json_lines(lines: Iterator[str]) -> Iterator[str]:
    """Some dozen lines at a time: each piece that is sent costs as much as making a line."""
    while piece := list(islice(lines, LINES_AT_ONCE)):
        yield "\n".join([*piece, ""])
