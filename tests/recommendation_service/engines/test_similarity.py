from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.similarity import StartupSimilarity
from recommendation_service.engines.types import Catalogue, FloatArray, Location, StartupRecord, TrainingData

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def text(*coordinates: float) -> FloatArray:
    vector = np.zeros(EMBEDDING_DIM, dtype=np.float32)
    vector[: len(coordinates)] = coordinates
    return vector


def startup(name: str, embedding: FloatArray | None = None, **fields: object) -> StartupRecord:
    return StartupRecord(id=name, opened_at=NOW, embedding=embedding, **fields)  # type: ignore[arg-type]


def test_half_text_cosine_half_jaccard_of_facets_by_hand() -> None:
    startups = [
        startup("a", text(3, 4), category="Fintech", tags=("ai", "b2b")),
        startup("b", text(0, 2), category="fintech ", tags=("ai",)),
        startup("c", None, category="health"),
        startup("d", text(-3, -4)),
    ]
    scores = StartupSimilarity(Catalogue(startups=startups)).score(0)
    np.testing.assert_allclose(scores, [1.0, 0.5 * 0.8 + 0.5 * 2 / 3, 0.0, -0.5], atol=1e-6)


def test_the_same_word_in_another_facet_is_another_facet() -> None:
    startups = [startup("a", category="berlin"), startup("b", location=Location(city="berlin"))]
    assert StartupSimilarity(Catalogue(startups=startups)).score(0)[1] == 0


def test_agrees_with_set_arithmetic_on_a_whole_platform(platform: TrainingData) -> None:
    similarity = StartupSimilarity(Catalogue(startups=platform.startups))
    for column in (0, 9, 17):
        expected = [likeness(platform.startups[column], other) for other in platform.startups]
        np.testing.assert_allclose(similarity.score(column), expected, atol=1e-5)


def likeness(one: StartupRecord, other: StartupRecord) -> float:
    facets = [
        {f"{name}={getattr(s, name)}" for name in ("type", "category", "field", "phase")}
        | {f"stage={v}" for v in s.stages}
        | {f"tag={v}" for v in s.tags}
        | {f"{name}={getattr(s.location, name)}" for name in ("country", "city")}
        for s in (one, other)
    ]
    cosine = 0.0 if one.embedding is None or other.embedding is None else float(one.embedding @ other.embedding)
    return 0.5 * cosine + 0.5 * len(facets[0] & facets[1]) / len(facets[0] | facets[1])


def test_closest_leaves_out_the_startup_itself_and_pads_nothing() -> None:
    startups = [startup("a", text(1)), startup("twin", text(1)), startup("near", text(1, 1))]
    columns, scores = StartupSimilarity(Catalogue(startups=startups)).closest(0, 10)
    assert columns == [1, 2]
    assert scores == pytest.approx([0.5, 0.5 / np.sqrt(2)])


def test_a_lonely_startup_has_no_neighbours() -> None:
    assert StartupSimilarity(Catalogue(startups=[startup("a")])).closest(0, 3) == ([], [])


def test_an_empty_catalogue_can_be_made() -> None:
    StartupSimilarity(Catalogue(startups=[]))
