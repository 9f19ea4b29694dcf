from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.text_reach import DIRECTIONS, TextReach
from recommendation_service.engines.types import FloatArray

N, T = 400, 96


def texts_of(seed: int, *, inner: int = T) -> FloatArray:
    """Unit rows around a common mean that differ in `inner` directions, a tenth of them without text."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(N, inner)) @ rng.normal(size=(inner, T)) + 2.0
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[::10] = 0.0
    return rows.astype(np.float32)


@pytest.mark.parametrize("inner", [3, DIRECTIONS, T])
def test_no_product_is_more_than_is_told(inner: int) -> None:
    texts = texts_of(0, inner=inner)
    queries = np.random.default_rng(1).normal(size=(20, T)).astype(np.float32) * np.float32(7.0)
    queries[0] = texts[1]
    queries[1] = 0.0
    reach = TextReach.of(texts)
    asked = reach.asked(queries)
    rows, columns = (place.ravel() for place in np.indices((len(queries), N)))
    products = np.vecdot(queries[rows].astype(np.float64), texts[columns].astype(np.float64))
    most = reach.most(asked, columns, rows)
    assert (most >= products).all()
    assert (asked.most[rows] >= products).all()
    assert (asked.most[rows] >= most - 0.05).all()


def test_along_all_directions_in_which_texts_differ_nothing_is_left_to_guess() -> None:
    texts = texts_of(2, inner=DIRECTIONS - 2)
    texts = texts[texts.any(axis=1)]
    reach = TextReach.of(texts)
    query = np.random.default_rng(3).normal(size=(1, T)).astype(np.float32)
    columns = np.arange(len(texts))
    most = reach.most(reach.asked(query), columns, np.zeros_like(columns))
    np.testing.assert_allclose(most, texts @ query[0], atol=0.03)


def test_texts_behind_are_as_if_they_had_been_there() -> None:
    texts = texts_of(4)
    begun = TextReach.of(texts[:300])
    grown = begun.extended(texts)
    assert len(grown) == N
    np.testing.assert_array_equal(grown.along[:300], begun.along)
    assert grown.longest >= float(np.linalg.norm(texts - grown.mean, axis=1).max())
    assert begun.extended(texts[:300]).longest == begun.longest


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_texts_have_a_reach_too(count: int) -> None:
    texts = texts_of(5)[1 : 1 + count]
    reach = TextReach.of(texts)
    query = np.ones((1, T), dtype=np.float32)
    columns = np.arange(count)
    most = reach.most(reach.asked(query), columns, np.zeros_like(columns))
    assert (most >= texts @ query[0]).all()


def test_what_is_not_finite_spoils_nothing_else() -> None:
    texts = texts_of(6)
    texts[7] = np.nan
    reach = TextReach.of(texts)
    asked = reach.asked(np.ones((1, T), dtype=np.float32))
    others = np.delete(np.arange(N), 7)
    assert (reach.most(asked, others, np.zeros_like(others)) >= texts[others].sum(axis=1)).all()
    assert np.isfinite(asked.most).all()
