from __future__ import annotations

import numpy as np

from recommendation_service.engines.reranking.candidates import put_forward

NAN = np.nan


def test_places_deviations_and_scores_by_hand() -> None:
    """Engine a puts forward columns 2 and 0 of 4, b column 3: its place is 1, all others are beyond its depth."""
    a = np.array([[2.0, 1.0, 3.0, NAN]], dtype=np.float32)
    b = np.array([[0.0, 0.0, 0.0, 4.0]], dtype=np.float32)
    found = put_forward({"a": a, "b": b}, {"a": 2, "b": 1})
    assert found.pairs.column.tolist() == [0, 2, 3]
    spread_a, spread_b = np.std([2, 1, 3]), np.std([0, 0, 0, 4])
    expected = [
        [np.log(2), 0.0, 2.0, np.log(2), -1 / spread_b, 0.0],
        [np.log(1), 1 / spread_a, 3.0, np.log(2), -1 / spread_b, 0.0],
        [np.log(3), NAN, NAN, np.log(1), 3 / spread_b, 4.0],
    ]
    np.testing.assert_allclose(found.features, expected, rtol=1e-5, atol=1e-6)


def test_what_is_not_allowed_leaves_its_place_to_the_next() -> None:
    scores = np.array([[3.0, 2.0, 1.0]], dtype=np.float32)
    found = put_forward({"a": scores}, {"a": 1}, np.array([[False, True, True]]))
    assert found.pairs.column.tolist() == [1]
    assert found.features[0, 0] == 0.0


def test_an_engine_with_nothing_to_say_puts_nobody_forward() -> None:
    silent = np.full((2, 3), NAN, dtype=np.float32)
    assert len(put_forward({"a": silent}, {"a": 2}).pairs) == 0


def test_a_part_of_the_candidates() -> None:
    scores = np.array([[3.0, 2.0], [1.0, 5.0]], dtype=np.float32)
    found = put_forward({"a": scores}, {"a": 2}).take(np.array([True, False, False, True]))
    assert (found.pairs.user.tolist(), found.pairs.column.tolist()) == ([0, 1], [0, 1])
    assert found.pairs.counts.tolist() == [1, 1]
    np.testing.assert_array_equal(found.pairs.scatter(found.features[:, 2], 2), [[3.0, -np.inf], [-np.inf, 5.0]])
