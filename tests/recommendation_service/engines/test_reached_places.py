from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.reached_places import best_reached
from recommendation_service.engines.text_reach import TextReach
from recommendation_service.engines.types import FloatArray

N, T, B = 4000, 64, 7


class Question:
    """Texts, queries, and what scores are made of beside their products."""

    def __init__(self, seed: int, *, weight: float) -> None:
        rng = np.random.default_rng(seed)
        texts = rng.normal(size=(N, T)) + 1.0
        self.texts: FloatArray = (texts / np.linalg.norm(texts, axis=1, keepdims=True)).astype(np.float32)
        self.texts[::9] = 0.0
        self.queries: FloatArray = (weight * rng.normal(size=(B, T)) / T**0.5).astype(np.float32)
        self.others: FloatArray = rng.normal(size=(N, B)).astype(np.float32)

    def best(self, k: int) -> list[list[tuple[int, float]]] | None:
        found = best_reached(self.texts, TextReach.of(self.texts), self.queries, self.others, k)
        if found is None:
            return None
        return [list(zip(columns.tolist(), scores.tolist(), strict=True)) for columns, scores in found]

    def expected(self, k: int) -> list[list[tuple[int, float]]]:
        """All scores in float64, sorted."""
        scores = self.queries.astype(np.float64) @ self.texts.T + self.others.T
        scores[np.isnan(scores)] = -np.inf
        return [
            [(column, row[column]) for column in np.lexsort((np.arange(N), -row))[:k].tolist() if row[column] > -np.inf]
            for row in scores
        ]


def assert_alike(found: list[list[tuple[int, float]]] | None, expected: list[list[tuple[int, float]]]) -> None:
    assert found is not None
    for ours, theirs in zip(found, expected, strict=True):
        assert [column for column, _ in ours] == [column for column, _ in theirs]
        np.testing.assert_allclose([score for _, score in ours], [score for _, score in theirs], atol=1e-5)


@pytest.mark.parametrize("weight", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("k", [1, 5, 30])
def test_the_best_are_those_of_all_scores(weight: float, k: int) -> None:
    for seed in range(5):
        question = Question(seed, weight=weight)
        assert_alike(question.best(k), question.expected(k))


def test_what_is_not_allowed_or_not_a_number_is_never_among_them() -> None:
    question = Question(1, weight=0.3)
    best = [theirs[0][0] for theirs in question.expected(1)]
    for person, column in enumerate(best):
        question.others[column, person] = -np.inf if person % 2 else np.nan
    found = question.best(10)
    assert_alike(found, question.expected(10))
    assert found is not None
    assert all(column not in [place for place, _ in theirs] for column, theirs in zip(best, found, strict=True))


def test_whoever_may_see_few_gets_those() -> None:
    question = Question(2, weight=0.3)
    question.others[5:, 3] = -np.inf
    question.others[:, 4] = -np.inf
    found = question.best(10)
    assert_alike(found, question.expected(10))
    assert found is not None
    assert (len(found[3]), found[4]) == (5, [])


def test_equal_scores_stand_in_the_order_of_their_columns() -> None:
    question = Question(3, weight=0.0)
    question.others[:] = np.round(question.others * 2)
    question.others[::50] = 9.0
    assert_alike(question.best(30), question.expected(30))


@pytest.mark.parametrize(("weight", "k"), [(50.0, 5), (0.1, N)], ids=["texts decide", "many places"])
def test_too_many_to_look_at_one_by_one_are_left_to_others(weight: float, k: int) -> None:
    assert Question(4, weight=weight).best(k) is None
