from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendation_service.engines.vocabulary import Vocabulary


def test_most_frequent_first_and_ties_alphabetical() -> None:
    rows = [["b", "a"], ["c", "b"], ["a", "d"], ["c"], ["e"]]
    assert Vocabulary.fit(rows, width=4).values == ("a", "b", "c")


def test_a_value_counts_once_per_row() -> None:
    assert Vocabulary.fit([["x", "x", "x"], ["y"], ["y"]], width=3).values == ("y", "x")


def test_case_and_space_make_no_other_value_and_nothing_is_no_value() -> None:
    vocabulary = Vocabulary.fit([[" FinTech"], ["fintech "], ["", "  "]], width=3)
    assert vocabulary.values == ("fintech",)
    np.testing.assert_array_equal(vocabulary.multi_hot([["FINTECH", "", " "]]), [[1, 0, 0]])


def test_unknown_values_share_the_last_slot() -> None:
    vocabulary = Vocabulary(["a", "b"], width=4)
    np.testing.assert_array_equal(vocabulary.multi_hot([["new"], ["new", "newer"]]), [[0, 0, 0, 1], [0, 0, 0, 1]])


def test_rows_have_unit_length_or_are_zeros() -> None:
    block = Vocabulary(["a", "b", "c", "d"], width=5).multi_hot([["a", "b", "c", "d"], ["a"], []])
    np.testing.assert_array_equal(block, [[0.5, 0.5, 0.5, 0.5, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0], [0.0] * 5])
    assert block.dtype == np.float32


def test_no_rows_and_one_slot() -> None:
    assert Vocabulary([], width=1).multi_hot([]).shape == (0, 1)
    np.testing.assert_array_equal(Vocabulary.fit([["a"]], width=1).multi_hot([["a"]]), [[1]])


@pytest.mark.parametrize("values", [["a", "b"], ["a", "a"]])
def test_values_that_do_not_fit(values: list[str]) -> None:
    with pytest.raises(ValueError, match="slots hold at most"):
        Vocabulary(values, width=len(set(values)))


@given(st.lists(st.lists(st.text(max_size=3), max_size=5), max_size=12), st.integers(1, 6))
def test_every_row_marks_exactly_its_slots(rows: list[list[str]], width: int) -> None:
    vocabulary = Vocabulary.fit(rows, width)
    known = {value: slot for slot, value in enumerate(vocabulary.values)}
    block = vocabulary.multi_hot(rows)
    for row, encoded in zip(rows, block, strict=True):
        names = {value.strip().casefold() for value in row} - {""}
        assert set(np.flatnonzero(encoded)) == {known.get(name, width - 1) for name in names}
        assert np.linalg.norm(encoded) == pytest.approx(1.0 if names else 0.0)
