"""Lists for many people at once, each as it would be answered alone, but for the next pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from contracts.api import BatchLine, BatchRequest, Recommendations
from recommendation_service.services.answers import header, listed
from recommendation_service.services.block_ranking import BlockRanking, RankedPerson
from recommendation_service.services.eligible import eligible_columns
from recommendation_service.services.errors import UnknownUserError
from recommendation_service.services.explaining import reasons_of
from recommendation_service.services.snapshot import Snapshot


def batch_lines(
    ranking: BlockRanking, snapshot: Snapshot, batch: BatchRequest, request_id: UUID, now: datetime
) -> Iterator[BatchLine]:
    """A line for each person, in the order asked for; whoever is not known gets a problem.

    Args:
        ranking: Reads and ranks them.
        snapshot: The one that all lines are made from.
        batch: Whose lists, how long, drawn from which startups.
        request_id: Of all the lines.
        now: The moment of the answers.
    """
    user_ids = [str(user_id) for user_id in batch.user_ids]
    # One place more than is shown tells whether a list is exhausted.
    found = ranking.ranked(
        snapshot, user_ids, batch.limit + 1, now, lambda user: eligible_columns(snapshot, user, batch.filters)
    )
    for user_id, (identity, ranked) in zip(batch.user_ids, found, strict=True):
        if ranked is None:
            problem = str(UnknownUserError(identity))
            yield BatchLine.model_construct(user_id=user_id, recommendations=None, problem=problem)
            continue
        ranking.statistics.count_answer(ranked.answer.rung, degraded=bool(ranked.problems))
        answer = _answer(snapshot, batch, user_id, ranked, request_id, now)
        yield BatchLine.model_construct(user_id=user_id, recommendations=answer, problem=None)


def _answer(
    snapshot: Snapshot, batch: BatchRequest, user_id: UUID, ranked: RankedPerson, request_id: UUID, now: datetime
) -> Recommendations:
    answer = ranked.answer
    columns, scores = answer.columns[: batch.limit].tolist(), answer.scores[: batch.limit].tolist()
    reasons = reasons_of(snapshot, ranked.person.state, columns, answer.rung, now, wanted=batch.explain)
    return Recommendations.model_construct(
        user_id=user_id,
        items=listed(snapshot.catalogue, columns, scores, reasons),
        next_cursor=None,
        **header(
            request_id=request_id,
            segment=ranked.person.segment,
            rung=answer.rung,
            engine=answer.engine,
            model_version=answer.model_version,
            problems=ranked.problems,
            exhausted=len(answer.columns) <= batch.limit,
            generated_at=now,
        ),
    )
