from __future__ import annotations

import math

import numpy as np

from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.reranking.score_blend import blended, standardised

PAIRS = Pairs(user=np.array([0, 0, 0, 1, 1]), column=np.array([0, 2, 5, 1, 2]), users=2)


def test_standardised_by_hand() -> None:
    scores = np.array([1.0, 2.0, 3.0, 10.0, 30.0], dtype=np.float32)
    step = 1 / math.sqrt(2 / 3)
    np.testing.assert_allclose(standardised(scores, PAIRS), [-step, 0.0, step, -1.0, 1.0], rtol=1e-6)


def test_what_is_unknown_counts_as_the_mean_and_equal_scores_tell_nothing() -> None:
    scores = np.array([1.0, np.nan, 3.0, 7.0, 7.0], dtype=np.float32)
    np.testing.assert_allclose(standardised(scores, PAIRS), [-1.0, 0.0, 1.0, 0.0, 0.0])
    scores[[0, 2]] = -np.inf
    np.testing.assert_allclose(standardised(scores, PAIRS), 0.0)


def test_blended_by_hand() -> None:
    ranker = np.array([0.0, 0.0, 0.0, 0.0, 1.0], dtype=np.float32)
    votes = [
        np.array([1.0, 2.0, 3.0, 5.0, 4.0], dtype=np.float32),
        np.array([3.0, 2.0, 1.0, 9.0, 1.0], dtype=np.float32),
    ]
    np.testing.assert_allclose(blended(ranker, votes, PAIRS, 0.25), [0, 0, 0, -0.75 + 0.25, 0.75 - 0.25], atol=1e-6)


def test_a_persons_scale_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=5).astype(np.float32)
    stretched = (scores * np.where(PAIRS.user == 0, 7.0, 0.2) + np.where(PAIRS.user == 0, -3.0, 40.0)).astype(
        np.float32
    )
    np.testing.assert_allclose(standardised(stretched, PAIRS), standardised(scores, PAIRS), atol=1e-4)
