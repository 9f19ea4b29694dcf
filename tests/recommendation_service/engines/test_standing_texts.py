from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.retrieval import glance
from recommendation_service.engines.standing_texts import StandingTexts
from recommendation_service.engines.types import FloatArray

N, T = 300, 32


@pytest.fixture
def texts() -> FloatArray:
    """Unit rows, a tenth of them without text."""
    rows = np.random.default_rng(3).normal(size=(N, T))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[::10] = 0.0
    return rows.astype(np.float32)


@pytest.fixture
def mean(texts: FloatArray) -> FloatArray:
    found: FloatArray = texts.mean(axis=0) + np.float32(0.1)
    return found


def table(texts: FloatArray, mean: FloatArray, standing: FloatArray) -> FloatArray:
    """The rows laid out in float64, by the definition."""
    rows = texts.astype(np.float64) - mean
    rows[~texts.any(axis=1)] = 0.0
    return np.concatenate([rows, standing[:, None]], axis=1)


def test_products_are_those_with_the_table_that_is_never_made(texts: FloatArray, mean: FloatArray) -> None:
    rng = np.random.default_rng(5)
    standing = rng.normal(size=N).astype(np.float32)
    queries = rng.normal(size=(4, T + 1)).astype(np.float32)
    rows, whole = StandingTexts(texts, standing, mean=mean), table(texts, mean, standing)
    np.testing.assert_allclose(rows.rows(np.arange(N)), whole, atol=1e-6)
    np.testing.assert_allclose(rows.products(queries), queries @ whole.T, atol=1e-4)
    of_texts, of_beside = rows.parted(queries)
    parts = of_texts @ rows.texts.T + of_beside @ rows.beside.T
    np.testing.assert_allclose(parts, queries @ whole.T, atol=1e-4)


@pytest.mark.parametrize("least", [1, N + 1], ids=["compressed", "as they are"])
def test_a_look_is_off_by_no_more_than_it_says(
    texts: FloatArray, mean: FloatArray, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glance, "_LEAST", least)
    rng = np.random.default_rng(7)
    rows = StandingTexts(texts, np.zeros(N, dtype=np.float32), mean=mean)
    queries = rng.normal(size=(20, T)).astype(np.float32)
    for some in (queries[:1], queries[1:]):
        values, bounds = rows.look(some)
        assert (np.abs(values - some.astype(np.float64) @ texts.T).max(axis=1) <= bounds).all()


def test_rows_behind_are_as_if_they_had_been_there(texts: FloatArray, mean: FloatArray) -> None:
    standing = np.arange(N, dtype=np.float32)
    grown = StandingTexts(texts[:200], standing[:200], mean=mean).extended(texts, standing[200:])
    at_once = StandingTexts(texts, standing, mean=mean)
    query = np.ones((1, T + 1), dtype=np.float32)
    assert len(grown) == N
    np.testing.assert_array_equal(grown.products(query), at_once.products(query))
