"""Quality online, coverage and exposure, against hand arithmetic."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from console.selectors import online
from console.selectors.online import gini, online_quality
from console.selectors.startup_exposure import DAYS, startup_exposure
from recommendations.models import Impression


@pytest.fixture
def show(db):
    def add(user, startup, *, position=1, ago=timedelta(0), engine="two_tower", request_id=None):
        return Impression.objects.create(
            user=user,
            startup=startup,
            request_id=request_id or uuid.uuid4(),
            position=position,
            surface="for_you",
            engine=engine,
            shown_at=timezone.now() - ago,
        )

    return add


@pytest.mark.parametrize(
    ("counts", "of", "expected"),
    [
        ([], 5, None),
        ([3, 3, 3], 3, 0.0),
        ([10], 4, 0.75),  # one of four has all: (n - 1) / n
        ([1, 3], 2, 0.25),  # mean absolute difference 1 over twice the mean 2
        ([1, 2, 3, 4], 4, 0.25),
        ([5, 5], 1, 0.0),  # closed since: never more startups than the catalogue
    ],
)
def test_gini_by_hand(counts, of, expected):
    assert gini(counts, of=of) == (expected if expected is None else pytest.approx(expected))


def test_an_empty_platform_has_no_quality(db):
    quality = online_quality()
    assert (quality.shown, quality.coverage, quality.new_share_of_impressions, quality.gini) == (0, 0.0, 0.0, None)


def test_shares_by_hand(make_user, make_startup, make_event, show):
    old = make_startup(opened_at=timezone.now() - timedelta(days=30))
    new = make_startup()
    make_startup(opened_at=timezone.now() - timedelta(days=60))
    make_startup(opened_at=timezone.now() - timedelta(days=60), status="closed")
    people = [make_user() for _ in range(3)]
    for person in people:
        show(person, old)
    opened = show(people[0], new, position=2, engine="trending")
    make_event(people[0], new, "click", recommendation_request_id=opened.request_id)
    show(people[1], new, ago=timedelta(days=8))
    quality = online_quality()
    assert (quality.shown, quality.open_startups, quality.shown_startups) == (4, 3, 2)
    assert (quality.coverage, quality.new_share_of_catalogue) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert quality.new_share_of_impressions == 0.25
    assert quality.gini == pytest.approx(2 * (2 * 1 + 3 * 3) / (3 * 4) - 4 / 3)
    assert [(group.key, group.shown, group.opened.count) for group in quality.engines] == [
        ("trending", 1, 1),
        ("two_tower", 3, 0),
    ]
    assert [(group.key, group.shown) for group in quality.positions] == [(1, 3), (2, 1)]


def test_a_busy_platform_is_looked_at_through_a_shorter_window(make_user, startup, show, monkeypatch):
    monkeypatch.setattr(online, "MOST_IMPRESSIONS", 2)
    for ago in (timedelta(minutes=1), timedelta(hours=2), timedelta(days=2)):
        show(make_user(), startup, ago=ago)
    assert (online_quality().window, online_quality().shown) == (timedelta(days=1), 2)
    cache.clear()
    monkeypatch.setattr(online, "MOST_IMPRESSIONS", 0)
    assert online_quality().window == timedelta(hours=1)


def test_the_overview_waits_for_no_counting_and_shows_it_once_it_is_done(console, service_down, db):
    page = console.get("/console/")
    assert b'hx-get="/console/online/" hx-trigger="load"' in page.content
    assert b"Impressions" not in page.content
    assert b"Impressions" in console.get("/console/online/", headers={"HX-Request": "true"}).content
    page = console.get("/console/")
    assert b"Nobody was shown anything in the last 7 days" in page.content
    assert b"hx-trigger" not in page.content


def test_without_scripts_a_link_counts_and_returns(console, service_down, text):
    assert console.get("/console/online/").headers["Location"] == "/console/"
    assert "Nobody was shown anything" in text(console.get("/console/"))


def test_the_overview_tells_it(console, service_down, member, startup, show, text):
    show(member, startup)
    console.get("/console/online/")
    shown = text(console.get("/console/"))
    assert "Coverage 100.0% of 1 open startups" in shown
    assert "New startups 100.0% of impressions; they are 100.0% of the catalogue" in shown
    assert "Two tower 1 0.0% 0.0% to 79.3%" in shown  # Wilson's interval of 0 of 1


def test_who_sees_a_startup(console, service_down, member, startup, show, text):
    show(member, startup, position=3)
    show(member, startup, ago=timedelta(days=DAYS + 1))
    exposure = startup_exposure(startup=startup)
    assert (len(exposure.days), exposure.total, exposure.days[-1][1]) == (DAYS, 1, 1)
    shown = text(console.get(f"/console/explorer/startups/{startup.pk}/"))
    assert "Seen 1 times in the last 30 days." in shown
    assert "place 3 of For you, by Two tower" in shown
