from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from recommendation_service.engines.known_texts import KnownTexts, have_text, unit_texts_of
from recommendation_service.engines.types import FloatArray, StartupRecord

MEAN = np.array([0.1, 0.2], dtype=np.float32)


def unit(*rows: tuple[float, float]) -> FloatArray:
    return np.array(rows, dtype=np.float32).reshape(-1, 2)


def test_rows_are_the_catalogue_then_others_then_what_the_catalogue_grew_by() -> None:
    texts = KnownTexts(unit((1, 0), (0, 1)), unit((-1, 0)), others_at=2, mean=MEAN)
    grown = texts.grown(unit((1, 0), (0, 1), (0, -1)))
    expected = unit((1, 0), (0, 1), (-1, 0), (0, -1)) - MEAN
    np.testing.assert_array_equal(texts[np.arange(3)], expected[:3])
    np.testing.assert_array_equal(grown[np.array([3, 0, 2, 1, 3])], expected[[3, 0, 2, 1, 3]])


def test_all_may_be_others_and_nothing_may_be_asked() -> None:
    texts = KnownTexts(unit(), unit((0, 1)), others_at=0, mean=MEAN)
    np.testing.assert_array_equal(texts[np.array([0])], unit((0, 1)) - MEAN)
    assert texts[np.empty(0, dtype=np.int64)].shape == (0, 2)


def test_a_startup_without_text_is_zero_and_not_the_opposite_of_the_mean() -> None:
    texts = KnownTexts(unit((0, 0)), unit(), others_at=1, mean=MEAN)
    np.testing.assert_array_equal(texts[np.array([0])], unit((0, 0)))


def test_sums_are_those_of_centred_rows_run_by_run() -> None:
    """Two people, then one who did nothing; a startup without text adds nothing, not even the mean."""
    texts = KnownTexts(unit((1, 0), (0, 0)), unit((0, 1)), others_at=2, mean=MEAN)
    weights = np.array([[1, 1, 2], [0.5, 0, 0]], dtype=np.float32)
    sums = texts.sums(np.array([0, 1, 2]), weights, np.array([0, 2, 3, 3]))
    expected = [[[0.9, -0.2], [-0.2, 1.6], [0, 0]], [[0.45, -0.1], [0, 0], [0, 0]]]
    np.testing.assert_allclose(sums, expected, atol=1e-6)


@pytest.mark.parametrize(
    "embedding",
    [
        pytest.param(None, id="missing"),
        pytest.param([0.0, 0.0], id="zero"),
        pytest.param([np.nan, 1.0], id="not a number"),
        pytest.param([np.inf, 1.0], id="infinite"),
        pytest.param([1.0, 0.0, 0.0], id="too wide"),
    ],
)
def test_unusable_texts_are_zero(embedding: list[float] | None) -> None:
    vector = None if embedding is None else np.array(embedding, dtype=np.float32)
    records = [
        StartupRecord(id="broken", opened_at=datetime(2025, 1, 1, tzinfo=UTC), embedding=vector),
        StartupRecord(id="whole", opened_at=datetime(2025, 1, 1, tzinfo=UTC), embedding=unit((3, 4))[0]),
    ]
    found = unit_texts_of(records, 2)
    np.testing.assert_allclose(found, unit((0, 0), (0.6, 0.8)), rtol=1e-6)
    assert have_text(found).tolist() == [False, True]
