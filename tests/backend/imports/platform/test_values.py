from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.errors import RowRefusedError
from imports.platform.columns import Column, Kind
from imports.platform.values import parse_row


def parsed(cell: object, kind: Kind) -> object:
    return parse_row({"x": cell}, {"x": Column(kind=kind)})["x"]


@pytest.mark.parametrize(
    ("kind", "absent"),
    [(Kind.TEXT, ""), (Kind.TERMS, []), (Kind.FLAG, None), (Kind.DAY, None), (Kind.MOMENT, None), (Kind.NUMBER, None)],
)
@pytest.mark.parametrize("cell", [None, "", "  "])
def test_absent_values(kind: Kind, absent: object, cell: object) -> None:
    assert parsed(cell, kind) == absent


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Kind.TEXT, " a ", "a"),
        (Kind.TEXT, 7, "7"),
        (Kind.TEXT, 7.0, "7"),
        (Kind.TERMS, "a| b|a", ["a", "b"]),
        (Kind.TERMS, ["a", "b"], ["a", "b"]),
        (Kind.FLAG, "TRUE", True),
        (Kind.FLAG, False, False),
        (Kind.DAY, "2025-01-31", date(2025, 1, 31)),
        (Kind.DAY, datetime(2025, 1, 31, 9), date(2025, 1, 31)),
        (Kind.MOMENT, "2025-01-31", datetime(2025, 1, 31, tzinfo=UTC)),
        (Kind.MOMENT, date(2025, 1, 31), datetime(2025, 1, 31, tzinfo=UTC)),
        (Kind.MOMENT, "2025-01-31T09:30:00Z", datetime(2025, 1, 31, 9, 30, tzinfo=UTC)),
        (Kind.MOMENT, "2025-01-31T09:30:00+02:00", datetime(2025, 1, 31, 7, 30, tzinfo=UTC)),
        (Kind.NUMBER, "2.5e5", 250_000.0),
        (Kind.NUMBER, 3, 3.0),
    ],
)
def test_values_are_read(kind: Kind, cell: object, value: object) -> None:
    assert parsed(cell, kind) == value


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        (Kind.TEXT, "a\x00b"),
        (Kind.TEXT, b"u-1"),
        (Kind.TEXT, ["u-1"]),
        (Kind.TEXT, {"id": "u-1"}),
        (Kind.TEXT, float("nan")),
        (Kind.TERMS, "a\x00b|c"),
        (Kind.TERMS, ["a\x00b"]),
        (Kind.TERMS, 7),
        (Kind.TERMS, ["a", 7]),
        (Kind.FLAG, "perhaps"),
        (Kind.DAY, "31.01.2025"),
        (Kind.DAY, "2025-02-30"),
        (Kind.MOMENT, "yesterday"),
        (Kind.MOMENT, 1738315800),
        (Kind.MOMENT, "0001-01-01T00:00:00+23:00"),
        (Kind.NUMBER, "1,5"),
        (Kind.NUMBER, "inf"),
    ],
)
def test_what_cannot_be_read_is_refused(kind: Kind, cell: object) -> None:
    with pytest.raises(RowRefusedError, match=r"^x is no "):
        parsed(cell, kind)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.integers(-12 * 60, 14 * 60))
def test_moments_keep_their_instant(naive: datetime, offset: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert parsed(moment.isoformat(), Kind.MOMENT) == parsed(moment, Kind.MOMENT) == moment


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.lists(st.text())), st.sampled_from(Kind))
def test_any_cell_is_read_or_refused(cell: object, kind: Kind) -> None:
    try:
        parsed(cell, kind)
    except RowRefusedError as refusal:
        assert refusal.reason.startswith("x is no ")  # noqa: PT017 - refusing is one of the two right outcomes
