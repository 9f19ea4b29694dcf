"""A new member: signs up, answers the questions, sees a feed, likes, sees it change, applies, follows the application.

The same way with a mouse, on a phone, by keyboard alone and without JavaScript.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.browser.hands import Hands, Keyboard, Pointer
from tests.browser.newcomers import answer_the_questions, sign_up
from tests.browser.visitor import DESKTOP, PHONE, Visitor

PATIENCE_SECONDS = 20.0
LETTER = "I have built two of these, and would like to build the third with you."


@dataclass(frozen=True, kw_only=True)
class Way:
    """How somebody gets around."""

    name: str
    hands: Hands
    browser: dict


WAYS = [
    Way(name="desktop", hands=Pointer(), browser={"viewport": DESKTOP}),
    Way(name="phone", hands=Pointer(), browser={"viewport": PHONE, "has_touch": True, "color_scheme": "dark"}),
    Way(name="keyboard", hands=Keyboard(), browser={"viewport": DESKTOP}),
    Way(name="no-script", hands=Pointer(), browser={"viewport": DESKTOP, "java_script_enabled": False}),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_from_signing_up_to_an_application(visit, platform, way):
    member = visit(**way.browser)
    sign_up(member, platform, name=f"Nadia {way.name}", hands=way.hands)
    answer_the_questions(member, hands=way.hands)
    expect(member.page.get_by_role("article").first).to_be_visible()
    before = feed_of(member)
    assert len(before) > 5
    member.look(f"feed-{way.name}")
    liked = like_the_first(member, way)
    see_it_change(member, before, liked)
    applied = apply_to_one(member, way, without=liked)
    follow_the_application(member, way, applied)


def feed_of(member: Visitor) -> list[str]:
    """Titles in order."""
    return member.page.locator("article h2").all_inner_texts()


def like_the_first(member: Visitor, way: Way) -> str:
    card = member.page.get_by_role("article").first
    title = card.get_by_role("heading").inner_text()
    way.hands.press(card.get_by_role("button", name=f"Like {title}"))
    pressed = member.page.get_by_role("button", name=f"Like {title}", pressed=True)
    expect(pressed.or_(member.page.get_by_text(f"You liked {title}")).first).to_be_visible()
    return title


def see_it_change(member: Visitor, before: list[str], liked: str) -> None:
    """The next visit reflects the like."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        member.go("/")
        if [title for title in feed_of(member) if title != liked] != [title for title in before if title != liked]:
            return
        time.sleep(0.5)
    raise AssertionError(f"the feed stayed as it was: {before}")


def apply_to_one(member: Visitor, way: Way, *, without: str) -> str:
    """From a card to the letter to the answer; the startup's page then says so."""
    page, hands = member.page, way.hands
    offers = page.get_by_role("article").filter(has=page.get_by_role("link", name=re.compile("^Apply to ")))
    card = offers.filter(has_not_text=without).first
    title = card.get_by_role("heading").inner_text()
    hands.press(card.get_by_role("link", name=re.compile("^Apply to ")))
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    member.look(f"startup-{way.name}")
    hands.write(page.get_by_label("Your letter"), LETTER)
    hands.press(page.get_by_role("main").get_by_role("button", name="Apply", exact=True))
    expect(page.get_by_text(re.compile("Applied|Submitted|applied")).first).to_be_visible()
    return title


def follow_the_application(member: Visitor, way: Way, title: str) -> None:
    """Its state stands among the member's activity."""
    page, hands = member.page, way.hands
    hands.press(page.get_by_role("link", name=re.compile("^Activity")).first)
    hands.press(page.get_by_role("main").get_by_role("link", name=re.compile("^Applied")))
    expect(page.get_by_role("main").get_by_role("link", name=title).first).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(re.compile("submitted|sent|waiting", re.IGNORECASE))
    member.look(f"activity-{way.name}")
