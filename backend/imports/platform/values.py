"""Cells as typed values, the same from CSV text and from Parquet's own types."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from imports.errors import RowRefusedError
from imports.platform.columns import Column, Kind

TERM_SEPARATOR = "|"
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NO_TEXT = (bytes, list, dict)
"""Parquet's binary and nested values: as Python spells them (`b'u-1'`), they would be keys that nothing refers to."""
_ABSENT: Mapping[Kind, Callable[[], Any]] = {Kind.TEXT: str, Kind.TERMS: list}

Raw = Mapping[str, object]
Row = dict[str, Any]
"""Values by column: str, list of str, bool, date, datetime, float; None where an optional value is absent."""


def parse_row(raw: Raw, columns: Mapping[str, Column]) -> Row:
    """The values of a row; absent texts are "", absent terms [].

    Raises:
        RowRefusedError: If a required value is absent or a value cannot be read.
    """
    return {name: _parse_cell(raw.get(name), name, column) for name, column in columns.items()}


def _parse_cell(cell: object, name: str, column: Column) -> Any:
    if isinstance(cell, str):
        cell = cell.strip()
    if cell is None or cell == "":
        if column.required:
            raise RowRefusedError(f"{name} is missing")
        return _ABSENT.get(column.kind, lambda: None)()
    try:
        return _PARSERS[column.kind](cell)
    except (ValueError, OverflowError):
        raise RowRefusedError(f"{name} is no {_EXPECTED[column.kind]}", repr(cell)) from None


def _text(cell: object) -> str:
    if isinstance(cell, _NO_TEXT) or (isinstance(cell, float) and not math.isfinite(cell)):
        raise ValueError
    if isinstance(cell, float) and cell.is_integer():  # a key column that a spreadsheet turned into numbers
        cell = int(cell)
    text = str(cell)
    if "\x00" in text:
        raise ValueError
    return text


def _terms(cell: object) -> list[str]:
    parts = cell.split(TERM_SEPARATOR) if isinstance(cell, str) else cell
    if not isinstance(parts, list) or not all(isinstance(part, str) and "\x00" not in part for part in parts):
        raise ValueError
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _flag(cell: object) -> bool:
    text = str(cell).lower()
    if text not in _FLAGS:
        raise ValueError
    return _FLAGS[text]


def _day(cell: object) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    return cell if isinstance(cell, date) else date.fromisoformat(str(cell))


def _moment(cell: object) -> datetime:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = cell.isoformat()
    moment = cell if isinstance(cell, datetime) else datetime.fromisoformat(str(cell))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(cell: object) -> float:
    number = float(str(cell))
    if not math.isfinite(number):
        raise ValueError
    return number


_PARSERS: Mapping[Kind, Callable[[object], Any]] = {
    Kind.TEXT: _text,
    Kind.TERMS: _terms,
    Kind.FLAG: _flag,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.NUMBER: _number,
}
_EXPECTED = {
    Kind.TEXT: "text",
    Kind.TERMS: f"list of terms (a{TERM_SEPARATOR}b{TERM_SEPARATOR}c)",
    Kind.FLAG: "flag (true or false)",
    Kind.DAY: "day (2025-01-31)",
    Kind.MOMENT: "moment (2025-01-31T09:30:00+00:00)",
    Kind.NUMBER: "number",
}
