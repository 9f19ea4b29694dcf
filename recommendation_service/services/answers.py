"""Rankings as the API's answers.

Types of the contract are built without validating what is known to be good: these are the many small objects of every
answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.api import Reason, RecommendedStartup, Rung, Segment
from recommendation_service.engines.types import Catalogue


def listed(
    catalogue: Catalogue,
    columns: Sequence[int],
    scores: Sequence[float],
    reasons: Sequence[list[Reason]],
    first_rank: int = 1,
) -> list[RecommendedStartup]:
    """Places of a list, from a rank on."""
    places = zip(columns, scores, reasons, strict=True)
    return [
        RecommendedStartup.model_construct(
            startup_id=UUID(catalogue.startups[column].id), rank=rank, score=score, reasons=why
        )
        for rank, (column, score, why) in enumerate(places, start=first_rank)
    ]


def header(
    *,
    request_id: UUID,
    segment: Segment,
    rung: Rung,
    engine: str,
    model_version: str | None,
    problems: Iterable[str],
    exhausted: bool,
    generated_at: datetime,
) -> dict[str, Any]:
    """What every list says of itself; `problems` say what was due but failed."""
    degraded_reason = "; ".join(problems) or None
    return {
        "request_id": request_id,
        "segment": segment,
        "rung": rung,
        "engine": engine,
        "model_version": model_version,
        "degraded": degraded_reason is not None,
        "degraded_reason": degraded_reason,
        "exhausted": exhausted,
        "generated_at": generated_at,
    }
