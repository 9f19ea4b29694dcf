from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.reasons import MOST_REASONS
from recommendation_service.engines.similar_reasons import explain_likeness
from recommendation_service.engines.similarity import StartupSimilarity
from recommendation_service.engines.types import Catalogue, FloatArray, Location, StartupRecord, TrainingData

BARE = StartupRecord(id="bare", title="Bare", opened_at=datetime(2025, 1, 1, tzinfo=UTC))


def text(angle: float) -> FloatArray:
    vector = np.zeros(EMBEDDING_DIM, dtype=np.float32)
    vector[:2] = np.cos(angle), np.sin(angle)
    return vector


def told(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    catalogue = Catalogue(startups=[replace(BARE, id="one", title="One", **one), replace(BARE, **other)])
    return [reason.text for reason in explain_likeness(catalogue, StartupSimilarity(catalogue), 0, [1])[0]]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"tags": ("ai", "x")}, {"tags": ("AI", "b2b")}, ["Also about AI"]),
        ({"field": "drug-discovery"}, {"field": "drug-discovery"}, ["Also in drug discovery"]),
        ({"category": "Fintech "}, {"category": "fintech"}, ["Also in fintech"]),
        ({"stages": ("seed", "growth")}, {"stages": ("growth", "seed")}, ["Also at the growth and seed stages"]),
        ({"stages": ("series-a",)}, {"stages": ("series-a",)}, ["Also at the series A stage"]),
        ({"location": Location(city="Berlin")}, {"location": Location(city="berlin")}, ["Also in berlin"]),
        ({"embedding": text(0)}, {"embedding": text(1.0)}, ["Describes itself much like One"]),
        ({"embedding": text(0)}, {"embedding": text(1.1)}, []),
        ({"category": ""}, {"category": ""}, []),
    ],
)
def test_what_is_shared_is_said(one: dict[str, Any], other: dict[str, Any], expected: list[str]) -> None:
    assert told(one, other) == expected


def test_at_most_so_many_and_none_for_an_empty_list(platform: TrainingData) -> None:
    catalogue = Catalogue(startups=platform.startups)
    similarity = StartupSimilarity(catalogue)
    columns = list(range(1, len(platform.startups)))
    assert max(map(len, explain_likeness(catalogue, similarity, 0, columns))) == MOST_REASONS
    assert explain_likeness(catalogue, similarity, 0, []) == []
