"""Discover in a real browser: what is on the screen is recorded, cards change in place, the list goes on by itself."""

from __future__ import annotations

import sqlite3
import time

import pytest
from playwright.sync_api import expect

from tests.browser.live_platform import DATABASE
from tests.browser.visitor import DESKTOP, PHONE

PATIENCE_SECONDS = 20


def impressions(platform):
    """Positions that were seen."""
    with sqlite3.connect(platform.folder / DATABASE) as connection:
        return [row[0] for row in connection.execute("SELECT position FROM recommendations_impression ORDER BY id")]


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.2)
    raise AssertionError("it never came")


@pytest.fixture
def member(visit, logins):
    visitor = visit(viewport=DESKTOP)
    visitor.log_in(logins["student"])
    return visitor


def test_only_what_was_on_the_screen_is_recorded_also_when_leaving(member, platform):
    member.go("/?tab=newest")
    wait_for(lambda: impressions(platform))
    seen = impressions(platform)
    assert 1 in seen
    assert 20 not in seen
    last = member.page.get_by_role("article").nth(12)
    last.scroll_into_view_if_needed()
    member.page.wait_for_timeout(1_500)
    member.go("/activity/")
    wait_for(lambda: max(impressions(platform)) > max(seen))


def test_the_list_goes_on_by_itself_without_repeating(member):
    member.go("/?tab=newest")
    cards = member.page.get_by_role("article")
    expect(cards).to_have_count(20)
    cards.last.scroll_into_view_if_needed()
    member.page.mouse.wheel(0, 3_000)
    expect(cards).to_have_count(40)
    keys = cards.evaluate_all("cards => cards.map(card => card.id)")
    assert len(set(keys)) == 40


def test_hiding_changes_only_the_card_and_can_be_undone(member):
    member.go("/?tab=newest")
    member.page.evaluate("window.mark = true")
    card = member.page.get_by_role("article").first
    title = card.get_by_role("heading").inner_text()
    card.get_by_role("button", name=f"Not interested in {title}").click()
    expect(card).to_contain_text("It will not be recommended again.")
    card.get_by_role("button", name="Undo").click()
    expect(card.get_by_role("button", name=f"Like {title}")).to_be_visible()
    assert member.page.evaluate("window.mark"), "the page was loaded anew"


def test_a_double_click_is_one_like(member, platform):
    member.go("/?tab=trending")
    like = member.page.get_by_role("article").nth(2).get_by_role("button", name="Like ")
    title = like.get_attribute("aria-label")
    like.dblclick()
    member.page.wait_for_timeout(1_000)
    member.go("/activity/?tab=history")
    liked = member.page.get_by_role("listitem").filter(has_text=title.removeprefix("Like "))
    assert liked.filter(has_text="Liked").count() <= 1


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_fit_their_screen_and_keep_nobody_out(visit, logins, screen):
    member = visit(viewport=screen)
    member.log_in(logins["student"])
    for name, path in {"search": "/?q=a&stage=seed", "nothing": "/?q=zzzz", "improve": "/recommendations/"}.items():
        member.go(path)
        member.look(f"discover-{name}")
        assert member.barriers() == []


def test_without_scripts_search_filters_and_more_work_and_nothing_is_claimed(visit, logins, platform):
    before = len(impressions(platform))
    member = visit(viewport=DESKTOP, java_script_enabled=False)
    member.log_in(logins["investor"])
    member.go("/?tab=newest")
    first = member.page.get_by_role("article").first.get_by_role("heading").inner_text()
    member.page.get_by_role("link", name="Show more").click()
    expect(member.page.get_by_role("article").first.get_by_role("heading")).not_to_have_text(first)
    member.page.get_by_label("Search startups").fill(first)
    member.page.get_by_role("button", name="Search").click()
    expect(member.page.get_by_role("article").first.get_by_role("heading")).to_have_text(first)
    assert len(impressions(platform)) == before
