from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from recommendations.exposure import (
    impression_count,
    impression_rates,
    impressions_by_day,
    impressions_of_new_startups,
    startups_shown_count,
    wilson,
)
from recommendations.models import Impression

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def show():
    """`show(user, startup, position=1, ...)`: an impression."""

    def make(user, startup, **fields):
        values = {"request_id": uuid.uuid4(), "position": 1, "surface": "for_you", "engine": "als", "shown_at": NOON}
        return Impression.objects.create(user=user, startup=startup, **{**values, **fields})

    return make


def test_the_interval_is_wilsons():
    """By hand for 8 of 10 with z = 1.96: (0.8 + 0.19208) / 1.38416 -+ ... = 0.4902, 0.9433 (Wilson 1927)."""
    rate = wilson(8, 10)
    assert (rate.value, round(rate.low, 4), round(rate.high, 4)) == (0.8, 0.4902, 0.9433)


@pytest.mark.parametrize(("count", "of"), [(0, 5), (5, 5), (1, 1), (0, 1)])
def test_the_interval_stays_between_nothing_and_all_and_holds_the_share(count, of):
    rate = wilson(count, of)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1
    assert rate.low < rate.high


def test_of_nothing_there_is_no_share():
    assert (wilson(0, 0).value, wilson(0, 0).low, wilson(0, 0).high) == (None, None, None)


def test_an_act_counts_where_it_carries_the_impressions_answer_and_stands(
    member, make_user, make_startup, make_event, show
):
    first, second = make_startup(), make_startup()
    led, undone, elsewhere, others = (show(member, first), show(member, second, position=2),
                                      show(member, second, position=2), show(make_user(), first))  # fmt: skip
    make_event(member, first, "click", recommendation_request_id=led.request_id)
    make_event(member, first, "click", recommendation_request_id=led.request_id)
    make_event(member, first, "favorite", recommendation_request_id=led.request_id)
    like = make_event(member, second, "like", recommendation_request_id=undone.request_id)
    make_event(member, second, "like", undoes=like)
    make_event(member, first, "apply", recommendation_request_id=elsewhere.request_id)
    make_event(member, first, "apply", recommendation_request_id=others.request_id)
    rows = impression_rates(by="position", since=NOON)
    counts = [(row.key, row.shown, row.opened.count, row.saved.count, row.applied.count) for row in rows]
    assert counts == [(1, 2, 1, 1, 0), (2, 2, 0, 0, 0)]
    assert rows[0].opened == wilson(1, 2)


def test_groups_and_spans(member, make_startup, show):
    first, second = make_startup(opened_at=NOON), make_startup(opened_at=NOON - timedelta(days=90))
    show(member, first, engine="als")
    show(member, second, engine="two_tower", surface="similar")
    show(member, second, engine="two_tower", shown_at=NOON + timedelta(days=1))
    assert [(row.key, row.shown) for row in impression_rates(by="engine", since=NOON)] == [("als", 1), ("two_tower", 2)]
    assert [(row.key, row.shown) for row in impression_rates(by="all", since=NOON, startup_id=second.pk)] == [
        ("all", 2)
    ]
    assert [row.shown for row in impression_rates(by="all", since=NOON, surface="similar")] == [1]
    assert [row.shown for row in impression_rates(by="all", since=NOON + timedelta(days=2))] == [0]
    assert impression_rates(by="engine", since=NOON + timedelta(days=2)) == []
    assert impression_count(since=NOON) == 3
    assert impression_count(since=NOON, until=NOON + timedelta(hours=1)) == 2
    assert startups_shown_count(since=NOON) == 2
    assert impressions_of_new_startups(opened_since=NOON, since=NOON) == 1
    assert impressions_by_day(startup_id=second.pk, since=NOON) == {date(2026, 1, 1): 1, date(2026, 1, 2): 1}
