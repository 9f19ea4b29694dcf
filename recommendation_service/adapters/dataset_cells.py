"""Looks into the lists of a dataset's cells for what has no value and may not be without one."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

_FIELDS = re.compile(r"(\w+): (\w+\??)")
"""Name and type of a structure's fields, as `contracts.dataset` writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingValue:
    """A place inside a list where a value is missing.

    Attributes:
        row: Of the table, the first being 1.
        what: An entry of the list, or a field of one.
        count: How many such places the column has.
    """

    row: int
    what: str
    count: int


def missing_inside(column: pl.Series, kind: str) -> MissingValue | None:
    """The first missing entry or field of a column's lists; None where all are there, or the column holds no lists.

    Args:
        column: Without nulls of its own.
        kind: Its type in `contracts.dataset`; a field whose type ends in `?` may be missing.
    """
    if not kind.startswith("list["):
        return None
    numbered = pl.DataFrame({"row": pl.int_range(1, len(column) + 1, eager=True), "entry": column})
    entries = numbered.filter(pl.col("entry").list.len() > 0).explode("entry")
    values = {"an entry": entries["entry"]} | {
        f"the field {name!r} of an entry": entries["entry"].struct.field(name)
        for name, type_ in _FIELDS.findall(kind)
        if not type_.endswith("?")
    }
    found = (_first_missing(what, value, entries["row"]) for what, value in values.items())
    return next((missing for missing in found if missing is not None), None)


def _first_missing(what: str, values: pl.Series, rows: pl.Series) -> MissingValue | None:
    if not values.null_count():
        return None
    return MissingValue(row=rows.filter(values.is_null())[0], what=what, count=values.null_count())
