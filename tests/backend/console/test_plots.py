"""The geometry of stacked bars against hand arithmetic."""

from __future__ import annotations

import pytest

from console.plots import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, stacked_bars


def test_bars_stand_on_each_other_and_fill_their_share_of_the_height():
    plot = stacked_bars(labels=["a", "b"], series=["x", "y"], values=[[3, 5], [0, 2]], every=2)
    usable = HEIGHT - BOTTOM - TOP
    assert [bar.series for bar in plot.bars] == [0, 1, 1]
    first, second, third = plot.bars
    assert first.height == pytest.approx(0.3 * usable, abs=0.01)
    assert first.y + first.height == pytest.approx(HEIGHT - BOTTOM, abs=0.01)
    assert second.y + second.height == pytest.approx(first.y, abs=0.02)
    assert third.x - first.x == pytest.approx((WIDTH - LEFT) / 2, abs=0.01)
    assert second.title == "a: 5 y"
    assert [tick.label for tick in plot.values] == ["0", "5", "10"]
    assert [tick.label for tick in plot.labels] == ["a"]


@pytest.mark.parametrize(("most", "top"), [(0, "1"), (1, "1"), (1.5, "2"), (2001, "5000"), (99, "100")])
def test_the_axis_ends_at_a_round_number(most, top):
    assert stacked_bars(labels=["a"], series=["x"], values=[[most]], every=1).values[-1].label == top


def test_a_plot_of_nothing_has_no_bars():
    assert stacked_bars(labels=[], series=["x"], values=[], every=1).bars == ()
