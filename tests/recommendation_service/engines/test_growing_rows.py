from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.growing_rows import GrowingRows, spare_rows


def rows(*values: float) -> np.ndarray:
    return np.array([[value, -value] for value in values], dtype=np.float32)


def test_rows_are_added_without_moving_those_that_are_there() -> None:
    held = GrowingRows.holding(rows(1, 2))
    before = held.first(2)
    grown = held.grown(2, rows(3))
    np.testing.assert_array_equal(grown.first(3), rows(1, 2, 3))
    assert np.shares_memory(before, grown.first(3))
    np.testing.assert_array_equal(before, rows(1, 2))


def test_two_that_grow_from_the_same_rows_do_not_disturb_each_other() -> None:
    held = GrowingRows.holding(rows(1))
    one, other = held.grown(1, rows(2)), held.grown(1, rows(3))
    np.testing.assert_array_equal(one.first(2), rows(1, 2))
    np.testing.assert_array_equal(other.first(2), rows(1, 3))


def test_when_there_is_no_room_left_the_rows_are_copied() -> None:
    held = GrowingRows.holding(rows(1))
    many = rows(*range(spare_rows(1) + 1))
    grown = held.grown(1, many)
    np.testing.assert_array_equal(grown.first(1 + len(many)), np.concatenate([rows(1), many]))
    np.testing.assert_array_equal(held.first(1), rows(1))


def test_views_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        GrowingRows.holding(rows(1)).first(1)[0] = 5
