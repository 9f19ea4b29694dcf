"""Rankings as the API's answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.api import (
    MAX_LIMIT,
    MIN_LIMIT,
    Reason,
    Recommendations,
    RecommendedStartup,
    Rung,
    Segment,
    SimilarStartups,
)
from recommendation_service.engines.types import Catalogue
from recommendation_service.services.ladder import LadderAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for, under which id, and when.

    Raises:
        ValueError: If `limit` is not in 1..100.
    """

    limit: int
    id: UUID
    now: datetime

    def __post_init__(self) -> None:
        if not MIN_LIMIT <= self.limit <= MAX_LIMIT:
            raise ValueError(f"limit must be {MIN_LIMIT} to {MAX_LIMIT}, got {self.limit}")


def recommendations(
    request: Request,
    user_id: str,
    segment: Segment,
    answer: LadderAnswer,
    items: list[RecommendedStartup],
    problems: Sequence[str],
) -> Recommendations:
    """The answer for a person; `problems` say what was due but failed."""
    return Recommendations(
        request_id=request.id,
        user_id=UUID(user_id),
        segment=segment,
        rung=answer.rung,
        engine=answer.engine,
        model_version=answer.model_version,
        degraded=bool(problems),
        degraded_reason="; ".join(problems) or None,
        exhausted=len(items) < request.limit,
        generated_at=request.now,
        items=items,
    )


def similar_startups(
    request: Request, startup_id: str, segment: Segment, engine: str, items: list[RecommendedStartup]
) -> SimilarStartups:
    """The answer for a startup."""
    return SimilarStartups(
        request_id=request.id,
        startup_id=UUID(startup_id),
        segment=segment,
        rung=Rung.CONTENT_BASED,
        engine=engine,
        model_version=None,
        degraded=False,
        exhausted=len(items) < request.limit,
        generated_at=request.now,
        items=items,
    )


def listed(
    catalogue: Catalogue, columns: Sequence[int], scores: Sequence[float], reasons: Sequence[list[Reason]]
) -> list[RecommendedStartup]:
    """Places of a list, from rank 1."""
    return [
        RecommendedStartup(startup_id=UUID(catalogue.startups[column].id), rank=rank, score=score, reasons=why)
        for rank, (column, score, why) in enumerate(zip(columns, scores, reasons, strict=True), start=1)
    ]
