"""Startups like one startup, by what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.api import Reason, Rung, SimilarStartups
from recommendation_service.engines.recommender import top_k
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.similar_reasons import explain_likeness
from recommendation_service.services.answers import header, listed
from recommendation_service.services.eligible import leave_out
from recommendation_service.services.errors import UnknownStartupError
from recommendation_service.services.list_request import ListRequest
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.services.statistics import ServiceStatistics


def similar_startups(
    snapshot: Snapshot, startup_id: str, request: ListRequest, routing: RoutingPolicy, statistics: ServiceStatistics
) -> SimilarStartups:
    """Open startups like one that is open itself, most alike first.

    Args:
        snapshot: The catalogue.
        startup_id: Of the one.
        request: How many, and drawn from which.
        routing: Tells the segment of the startup, by how many showed interest in it.
        statistics: Measures the stages.

    Raises:
        UnknownStartupError: If there is no such startup, or it is not open.
    """
    column = snapshot.catalogue.index_of.get(startup_id)
    if column is None:
        raise UnknownStartupError(startup_id)
    with statistics.stage("rank"):
        allowed = snapshot.catalogue.mask()
        snapshot.filters.narrow(allowed, request.filters)
        leave_out(snapshot, allowed, {startup_id, *request.exclude})
        ranking = top_k(snapshot.similarity.score(column)[None], request.limit + 1, allowed)
    found = ranking.columns[0][ranking.columns[0] >= 0]
    columns = found[: request.limit].tolist()
    reasons: Sequence[list[Reason]] = [[]] * len(columns)
    if request.explain:
        with statistics.stage("explain"):
            reasons = explain_likeness(snapshot.catalogue, snapshot.similarity, column, columns)
    statistics.count_answer(Rung.CONTENT_BASED, degraded=bool(snapshot.problems))
    return SimilarStartups.model_construct(
        startup_id=UUID(startup_id),
        items=listed(snapshot.catalogue, columns, ranking.scores[0, : len(columns)].tolist(), reasons),
        **header(
            request_id=request.id,
            segment=routing.segment(snapshot.reasons.trends.get(startup_id, 0)),
            rung=Rung.CONTENT_BASED,
            engine=snapshot.similarity.name,
            model_version=None,
            problems=snapshot.problems,
            exhausted=len(found) <= request.limit,
            generated_at=request.now,
        ),
    )
