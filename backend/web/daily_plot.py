"""Bars per day as SVG shapes: what a template needs to draw a plot without any arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 640, 150
LEFT, BOTTOM, TOP = 34, 22, 12
GAP = 0.25
DATE_LABELS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place on the plot in its own units, with a number or words."""

    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyPlot:
    """One quantity over some days.

    Attributes:
        name: What is counted.
        total: Over all days.
        days: Each day with its count, the earliest first.
        bars: One for each day that has any.
        levels: Horizontal lines with their number: zero and the top.
        dates: Labels along the bottom.
    """

    name: str
    total: int
    days: tuple[tuple[date, int], ...]
    bars: tuple[Mark, ...]
    levels: tuple[Mark, ...]
    dates: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT


def daily_plot(*, name: str, counts: Mapping[date, int], first: date, days: int) -> DailyPlot:
    """The plot of `counts` over `days` days from `first`; days without a count are zero."""
    each = tuple((day := first + timedelta(days=place), counts.get(day, 0)) for place in range(days))
    most = _round_up(max(count for _, count in each))
    step = (WIDTH - LEFT) / days
    floor = HEIGHT - BOTTOM
    scale = (floor - TOP) / most
    return DailyPlot(
        name=name,
        total=sum(count for _, count in each),
        days=each,
        bars=tuple(
            Mark(
                x=round(LEFT + step * (place + GAP / 2), 2),
                y=round(floor - scale * count, 2),
                width=round(step * (1 - GAP), 2),
                height=round(scale * count, 2),
                text=f"{day:%-d %b}: {count}",
            )
            for place, (day, count) in enumerate(each)
            if count
        ),
        levels=(Mark(y=floor, text="0"), Mark(y=TOP, text=str(most))),
        dates=tuple(
            Mark(x=round(LEFT + step * (place + 0.5), 2), text=f"{each[place][0]:%-d %b}") for place in _spread(days)
        ),
    )


def _round_up(most: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, … so that the axis ends on a number people read easily."""
    magnitude = 1
    while True:
        for step in (1, 2, 5):
            if step * magnitude >= most:
                return step * magnitude
        magnitude *= 10


def _spread(days: int) -> list[int]:
    """Places of the labelled days: the first, the last, and some between."""
    return sorted({round(part * (days - 1) / (DATE_LABELS - 1)) for part in range(DATE_LABELS)})
