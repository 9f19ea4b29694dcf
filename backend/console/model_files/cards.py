"""Model cards: what a version is, and how good it is for whom beside the baselines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from console.errors import ModelsUnreadableError
from console.model_files.manifests import file_of, read_bounded
from console.model_files.markdown import Block, Heading, Table, parse_markdown

WINDOWS = ("Test window", "Validation window")
"""The headings of the card's evaluations, the more telling first."""
METRIC = "ndcg@10"
_SEGMENT = re.compile(r"(?P<name>.+) \((?P<people>[\d,]+)\)")
_FIGURE = re.compile(r"(?P<mean>-?\d+\.\d+) \((?P<low>-?\d+\.\d+) \.\. (?P<high>-?\d+\.\d+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A mean over people with its interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFigures:
    """How good each engine is for one part of the people.

    Attributes:
        name: Of the segment, e.g. `role=investor`.
        people: How many were judged.
        engines: NDCG@10 by engine, in the card's order: the version's own first.
    """

    name: str
    people: int
    engines: dict[str, Figure]


def read_card(version: str) -> list[Block]:
    """The card of a version.

    Raises:
        ModelsUnreadableError: If there is none, or it cannot be read.
    """
    return parse_markdown(read_bounded(file_of(version, "card.md")).decode(errors="replace"))


def card_changed_at(version: str) -> tuple[str, int]:
    """Names one state of a version's card: its file and when that was written.

    Raises:
        ModelsUnreadableError: If there is none.
    """
    file = file_of(version, "card.md")
    try:
        return str(file), file.stat().st_mtime_ns
    except OSError as error:
        raise ModelsUnreadableError(f"{file.name} cannot be read: {error.strerror}") from error


def evaluation_of(card: Iterable[Block]) -> tuple[str, list[SegmentFigures]]:
    """The most telling evaluation of a card, by segment, and the window that it is of; none when it holds none."""
    tables = _tables_by_heading(card)
    for window in WINDOWS:
        if window in tables:
            return window, _segments(tables[window])
    return "", []


def _tables_by_heading(card: Iterable[Block]) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    heading = ""
    for block in card:
        if isinstance(block, Heading):
            heading = block.text
        elif isinstance(block, Table):
            tables.setdefault(heading, block)
    return tables


def _segments(table: Table) -> list[SegmentFigures]:
    if METRIC not in table.header:
        return []
    column = table.header.index(METRIC)
    people: dict[str, int] = {}
    engines: dict[str, dict[str, Figure]] = {}
    for row in table.rows:
        segment, figure = _SEGMENT.fullmatch(row[0]), _FIGURE.fullmatch(row[column])
        if segment is None or figure is None:
            continue  # an engine that has no figure for this segment
        people[segment["name"]] = int(segment["people"].replace(",", ""))
        values = {name: float(value) for name, value in figure.groupdict().items()}
        engines.setdefault(segment["name"], {})[row[1]] = Figure(**values)
    return [SegmentFigures(name=name, people=count, engines=engines[name]) for name, count in people.items()]
