"""The geometry of plots; templates draw them as SVG, stylesheets colour them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
HEIGHT = 220
LEFT = 44
BOTTOM = 24
TOP = 8
GAP = 0.22
LABEL_EVERY_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rectangle of a plot, in its own units, and what it says."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark of an axis."""

    position: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedBars:
    """A bar per label, in pieces one above the other."""

    bars: tuple[Bar, ...]
    labels: tuple[Tick, ...]
    values: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM


def stacked_bars(
    *, labels: Sequence[str], series: Sequence[str], values: Sequence[Sequence[float]], every: int
) -> StackedBars:
    """A plot of `values[label][series]`.

    Args:
        labels: Under the bars.
        series: Names of the pieces, from the bottom up.
        values: Not negative; one row per label, one column per series.
        every: How many bars apart the labels stand.
    """
    top = _round_up(max((sum(row) for row in values), default=0.0))
    step = (WIDTH - LEFT) / max(len(labels), 1)
    bars: list[Bar] = []
    for place, (label, row) in enumerate(zip(labels, values, strict=True)):
        floor = float(HEIGHT - BOTTOM)
        for number, value in enumerate(row):
            height = value / top * (HEIGHT - BOTTOM - TOP)
            floor -= height
            if value:
                bars.append(
                    Bar(
                        x=round(LEFT + step * (place + GAP / 2), 2),
                        y=round(floor, 2),
                        width=round(step * (1 - GAP), 2),
                        height=round(height, 2),
                        series=number,
                        title=f"{label}: {value:g} {series[number]}",
                    )
                )
    return StackedBars(
        bars=tuple(bars),
        labels=tuple(
            Tick(position=round(LEFT + step * (place + 0.5), 2), label=label)
            for place, label in enumerate(labels)
            if place % every == 0
        ),
        values=tuple(
            Tick(position=round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 2), label=f"{share * top:g}")
            for share in (0.0, 0.5, 1.0)
        ),
    )


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... that holds `value`; 1 for nothing."""
    bound = 1.0
    while True:
        for factor in (1, 2, 5):
            if factor * bound >= value:
                return factor * bound
        bound *= 10
