from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.retrieval import extended_index
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.extended_index import ExtendedIndex, extend_index
from recommendation_service.engines.retrieval.vector_index import SearchesVectors
from recommendation_service.engines.types import FloatArray


def some_vectors(count: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).integers(-2, 3, size=(count, 6)).astype(np.float32)


@pytest.mark.parametrize("k", [1, 30, 400])
@pytest.mark.parametrize("steps", [(150,), (120, 121, 300), (100,)])
def test_it_finds_what_an_index_of_all_finds_ties_included(k: int, steps: tuple[int, ...]) -> None:
    vectors, queries = some_vectors(300), some_vectors(9, seed=1)
    index: SearchesVectors = ExactIndex(vectors[:100])
    for count in steps:
        index = extend_index(index, vectors[:count], ExactIndex)
    whole = ExactIndex(vectors[: steps[-1]])
    allowed = np.random.default_rng(2).random((9, steps[-1])) < 0.7
    for mask in (None, allowed[0], allowed):
        found, expected = index.search(queries, k, mask), whole.search(queries, k, mask)
        np.testing.assert_array_equal(found.columns, expected.columns)
        np.testing.assert_array_equal(found.scores, expected.scores)


def test_it_is_built_anew_once_much_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extended_index, "MOST_BEHIND", 5)
    vectors = some_vectors(1200)
    first = ExactIndex(vectors[:1000])
    little = extend_index(first, vectors[:1100], ExactIndex)
    assert isinstance(little, ExtendedIndex)
    assert little.base is first
    assert len(little) == 1100
    assert isinstance(extend_index(little, vectors[:1101], ExactIndex), ExactIndex)


def test_an_empty_index_grows_too() -> None:
    vectors = some_vectors(3)
    grown = extend_index(ExactIndex(vectors[:0]), vectors, ExactIndex)
    np.testing.assert_array_equal(
        grown.search(vectors[:1], 3).columns, ExactIndex(vectors).search(vectors[:1], 3).columns
    )
