from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from recommendation_service.engines.remembered_startups import startups_from_tensors, startups_to_tensors
from recommendation_service.engines.types import StartupRecord, TrainingData


def assert_same(found: StartupRecord, expected: StartupRecord) -> None:
    for field in fields(StartupRecord):
        if field.name == "embedding":
            np.testing.assert_equal(found.embedding, expected.embedding)
        else:
            assert getattr(found, field.name) == getattr(expected, field.name), field.name


def test_records_come_back_as_they_were(make_platform: Callable[..., TrainingData]) -> None:
    startups = make_platform(with_rounds=True).startups
    for found, expected in zip(startups_from_tensors(startups_to_tensors(startups)), startups, strict=True):
        assert_same(found, expected)


def test_a_record_with_hardly_anything() -> None:
    bare = StartupRecord(id="s", opened_at=datetime(2025, 1, 1, tzinfo=UTC), status="", title="Ünïcode")
    assert_same(startups_from_tensors(startups_to_tensors([bare]))[0], bare)


def test_none_at_all() -> None:
    assert startups_from_tensors(startups_to_tensors([])) == []


@pytest.mark.parametrize("damage", ["not finite", "another width"])
def test_an_unusable_text_is_kept_as_missing(platform: TrainingData, damage: str) -> None:
    text = np.full(384, np.nan, dtype=np.float32) if damage == "not finite" else np.ones(7, dtype=np.float32)
    startups = [replace(platform.startups[0], embedding=text), platform.startups[1]]
    broken, sound = startups_from_tensors(startups_to_tensors(startups))
    assert broken.embedding is None
    np.testing.assert_array_equal(sound.embedding, platform.startups[1].embedding)
