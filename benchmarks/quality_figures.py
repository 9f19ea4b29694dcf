"""The rows of the quality benchmark, found by what they are about instead of by their name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

OVERALL = ""
"""Segment of everybody."""
PUBLISHED_AGAIN = "cold"
"""Rows of new startups under a second, fixed name; tables show them once."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row of the file: `DATA_SET/[SEGMENT/]CONTESTANT/METRIC`.

    Attributes:
        segment: Some of the people, or OVERALL.
        contestant: An engine; what compares two is `CONTESTANT_minus_PEER`.
        metric: As `ndcg@10`; a share of a limit ends in `_over_LIMIT`.
        low: Lower end of the interval, or None.
        high: Upper end of the interval, or None.
        against: What it is compared with, or None.
        unit: What it is a mean of.
    """

    segment: str
    contestant: str
    metric: str
    value: float
    low: float | None
    high: float | None
    against: str | None
    unit: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read a row."""
        _, *segment, contestant, metric = row["name"].split("/")
        low, high = row["interval"] or (None, None)
        return cls(
            segment="/".join(segment),
            contestant=contestant,
            metric=metric,
            value=row["value"],
            low=low,
            high=high,
            against=row["against"],
            unit=row["unit"],
        )

    @property
    def is_difference(self) -> bool:
        """Whether it says what one contestant has over another."""
        return "_minus_" in self.contestant

    @property
    def is_share(self) -> bool:
        """Whether it is a share of what is possible."""
        return "_over_" in self.metric


class PartFigures:
    """The figures of one data set."""

    def __init__(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        again = f"{name}/{PUBLISHED_AGAIN}/"
        own = [row for row in rows if row["name"].startswith(f"{name}/") and not row["name"].startswith(again)]
        figures = [Figure.of(row) for row in own]
        self.differences = [figure for figure in figures if figure.is_difference]
        self.shares = [figure for figure in figures if figure.is_share]
        self.plain = [figure for figure in figures if not figure.is_difference and not figure.is_share]

    @property
    def segments(self) -> list[str]:
        """In the order of the file, OVERALL first where it is there."""
        return list(dict.fromkeys(figure.segment for figure in self.plain))

    def metrics(self, segment: str = OVERALL) -> list[str]:
        """That the segment has figures for; the first is what contestants are ordered by."""
        return list(dict.fromkeys(figure.metric for figure in self.plain if figure.segment == segment))

    def find(self, contestant: str, metric: str, segment: str = OVERALL) -> Figure | None:
        """One figure, or None."""
        wanted = (segment, contestant, metric)
        return next((f for f in self.plain if (f.segment, f.contestant, f.metric) == wanted), None)

    def ordered(self, segment: str = OVERALL) -> list[str]:
        """The contestants of a segment, best first by its first metric."""
        first = self.metrics(segment)[0]
        figures = [figure for figure in self.plain if figure.segment == segment and figure.metric == first]
        return [figure.contestant for figure in sorted(figures, key=lambda figure: -figure.value)]

    @property
    def of_the_product(self) -> set[str]:
        """Contestants that are compared with the best peer."""
        return {figure.contestant.partition("_minus_")[0] for figure in self.differences}
