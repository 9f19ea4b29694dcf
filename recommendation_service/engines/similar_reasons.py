"""Why a startup is called like another: what their records share, and how close their texts are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from contracts.api import Reason
from recommendation_service.engines.reason_terms import common, known_terms, reason, shared
from recommendation_service.engines.reasons import CLOSE_FROM, MOST_REASONS
from recommendation_service.engines.similarity import StartupSimilarity
from recommendation_service.engines.types import Catalogue, StartupRecord


def explain_likeness(
    catalogue: Catalogue, similarity: StartupSimilarity, column: int, columns: Sequence[int]
) -> list[list[Reason]]:
    """The reasons of each item of a list of startups like one, at most MOST_REASONS each; may be none.

    Args:
        catalogue: Holds them.
        similarity: The numbers that ranked.
        column: The one.
        columns: The list.
    """
    if not columns:
        return []
    cosine = similarity.text_cosine(np.asarray(columns), np.asarray([column]))[:, 0].tolist()
    one = catalogue.startups[column]
    return [_reasons(one, catalogue.startups[other], close) for other, close in zip(columns, cosine, strict=True)]


def _reasons(one: StartupRecord, other: StartupRecord, cosine: float) -> list[Reason]:
    found = [
        _close(one, cosine),
        shared("shared_tags", common(known_terms(one.tags), other.tags), "Also about {}"),
        shared("shared_field", common(known_terms((one.field,)), (other.field,)), "Also in {}"),
        shared("shared_category", common(known_terms((one.category,)), (other.category,)), "Also in {}"),
        _same_stages(one, other),
        _same_city(one, other),
    ]
    return [one for one in found if one is not None][:MOST_REASONS]


def _same_stages(one: StartupRecord, other: StartupRecord) -> Reason | None:
    stages = common(known_terms(one.stages), other.stages)
    return shared("shared_stages", stages, "Also at the {} stage" if len(stages) == 1 else "Also at the {} stages")


def _close(one: StartupRecord, cosine: float) -> Reason | None:
    if cosine < CLOSE_FROM:
        return None
    return reason("close_text", [one.id], f"Describes itself much like {one.title}")


def _same_city(one: StartupRecord, other: StartupRecord) -> Reason | None:
    shared_city = common(known_terms((one.location.city,)), (other.location.city,))
    return reason("shared_location", shared_city, f"Also in {other.location.city}") if shared_city else None
