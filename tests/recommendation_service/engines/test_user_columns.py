from __future__ import annotations

import numpy as np

from recommendation_service.engines.user_columns import UserColumns


def table() -> UserColumns:
    """User 0: columns 2 (0.4), 5 (1.0); user 1: nothing; user 2: column 0 (a dislike, 0.0)."""
    return UserColumns.build(
        users=np.array([2, 0, 0, 0]),
        columns=np.array([0, 5, 2, 5]),
        values=np.array([0.0, 0.6, 0.4, 1.0], dtype=np.float32),
        user_count=3,
    )


def test_repeated_entries_keep_the_highest_value() -> None:
    assert table().counts.tolist() == [2, 0, 1]
    assert table().columns.tolist() == [2, 5, 0]
    np.testing.assert_allclose(table().values, [0.4, 1.0, 0.0])


def test_dense_holds_a_run_of_users() -> None:
    expected = np.zeros((3, 6), dtype=np.float32)
    expected[0, 2], expected[0, 5] = 0.4, 1.0
    np.testing.assert_array_equal(table().dense(slice(0, 3), 6), expected)
    np.testing.assert_array_equal(table().dense(slice(1, 3), 6), expected[1:])


def test_mask_knows_entries_of_value_0() -> None:
    assert np.argwhere(table().mask(slice(0, 3), 6)).tolist() == [[0, 2], [0, 5], [2, 0]]
    assert np.argwhere(table().mask(slice(2, 3), 6)).tolist() == [[0, 0]]


def test_best_values_are_descending_and_padded() -> None:
    np.testing.assert_allclose(table().best_values(3), [[1.0, 0.4, 0.0], [0.0] * 3, [0.0] * 3])
    np.testing.assert_allclose(table().best_values(1), [[1.0], [0.0], [0.0]])


def test_narrow_renumbers_users_and_columns() -> None:
    column_of = np.array([1, -1, -1, -1, -1, 0])
    narrowed = table().narrow(users=np.array([True, False, True]), column_of=column_of)
    assert narrowed.counts.tolist() == [1, 1]
    assert narrowed.columns.tolist() == [0, 1]


def test_nobody_has_nothing() -> None:
    empty = np.array([], dtype=np.int64)
    nobody = UserColumns.build(users=empty, columns=empty, values=empty.astype(np.float32), user_count=0)
    assert nobody.counts.tolist() == []
    assert nobody.best_values(2).shape == (0, 2)


def test_chosen_users_keep_their_order() -> None:
    rows, columns, values = table().of(np.array([2, 1, 0]))
    assert rows.tolist() == [0, 2, 2]
    assert columns.tolist() == [0, 2, 5]
    np.testing.assert_allclose(values, [0.0, 0.4, 1.0])
    assert table().mask_of(np.array([2, 0]), 6).tolist() == [
        [True] + 5 * [False],
        [False, False, True, False, False, True],
    ]
