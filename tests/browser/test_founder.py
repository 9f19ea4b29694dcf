"""A founder opens a startup: a member it suits sees it within moments, and the founder sees the member."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from tests.browser.hands import Pointer
from tests.browser.newcomers import answer_the_questions, sign_up
from tests.browser.visitor import PHONE, Visitor

PATIENCE_SECONDS = 30.0
TITLE = "Tidewater Ledger"


def test_a_startup_opens_is_found_and_finds_its_people(visit, platform, logins):
    member = visit(viewport=PHONE)
    sign_up(member, platform, name="Suri Suitable", hands=Pointer())
    *skills, category, _, _, topic = answer_the_questions(member, hands=Pointer())[:7]

    founder = visit()
    founder.log_in(logins["entrepreneur"])
    open_startup(founder, category=category, tags=[topic, *skills])
    add_position(founder.page, f"Engineer for {skills[0]}")
    founder.look("founder-startup")

    expect_on(member, "/", TITLE)
    member.look("feed-with-the-new-startup")

    founder.page.get_by_role("main").get_by_role("link", name="People").first.click()
    expect_on(founder, founder.page.url.removeprefix(founder.url), "Suri Suitable")
    founder.look("founder-people")


def open_startup(founder: Visitor, *, category: str, tags: list[str]) -> None:
    page = founder.page
    founder.go("/founders/startups/new/")
    page.get_by_label("Title").fill(TITLE)
    page.locator("input[name=type][value=collaboration]").locator("xpath=ancestor::label").click()
    page.get_by_label("Description").fill(f"Ledgers for harbours, made with {', '.join(tags)}.")
    page.get_by_label("Category").fill(category)
    for number, tag in enumerate(tags, start=1):
        page.get_by_label(f"Tag {number}", exact=True).fill(tag)
    founder.look("founder-new")
    page.get_by_role("button", name="Open it to members").click()
    expect(page.get_by_role("heading", name=TITLE).first).to_be_visible()


def add_position(page: Page, title: str) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Add position").click()
    expect(page.get_by_text(title).first).to_be_visible()


def expect_on(visitor: Visitor, path: str, words: str) -> None:
    """Within moments: the service follows the platform."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        visitor.go(path)
        if words in visitor.page.get_by_role("main").inner_text():
            return
        time.sleep(0.5)
    raise AssertionError(f"{words} is not among: {visitor.page.locator('.card h2').all_inner_texts()}")
