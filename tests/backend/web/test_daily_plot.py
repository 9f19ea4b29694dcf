from __future__ import annotations

from datetime import date, timedelta

import pytest

from web.daily_plot import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, daily_plot

FIRST = date(2026, 1, 30)


def test_days_without_a_count_are_zero_and_draw_nothing():
    plot = daily_plot(name="Shown", counts={date(2026, 2, 1): 3, date(2025, 1, 1): 9}, first=FIRST, days=4)
    assert plot.days == (
        (date(2026, 1, 30), 0),
        (date(2026, 1, 31), 0),
        (date(2026, 2, 1), 3),
        (date(2026, 2, 2), 0),
    )
    assert plot.total == 3
    assert [bar.text for bar in plot.bars] == ["1 Feb: 3"]


def test_bars_stand_on_the_floor_and_are_as_high_as_their_share_of_the_top():
    plot = daily_plot(name="Shown", counts={FIRST: 1, FIRST + timedelta(days=1): 2}, first=FIRST, days=2)
    floor = HEIGHT - BOTTOM
    assert [level.text for level in plot.levels] == ["0", "2"]
    low, high = plot.bars
    assert (high.y, high.height) == (TOP, floor - TOP)
    assert low.height == pytest.approx((floor - TOP) / 2)
    assert low.y + low.height == pytest.approx(floor)
    assert low.x > LEFT
    assert low.x + low.width < high.x
    assert high.x + high.width < WIDTH


@pytest.mark.parametrize(
    ("most", "top"), [(0, "1"), (1, "1"), (3, "5"), (6, "10"), (11, "20"), (51, "100"), (999, "1000")]
)
def test_the_top_is_a_round_number(most, top):
    assert daily_plot(name="Shown", counts={FIRST: most}, first=FIRST, days=7).levels[1].text == top


def test_few_dates_are_written_the_first_and_last_among_them():
    plot = daily_plot(name="Shown", counts={}, first=FIRST, days=90)
    assert [mark.text for mark in plot.dates] == ["30 Jan", "1 Mar", "30 Mar", "29 Apr"]
