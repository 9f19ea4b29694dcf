"""How somebody becomes a member."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.hands import Hands
from tests.browser.live_platform import LivePlatform
from tests.browser.visitor import Visitor

PASSWORD = "correct horse battery staple"
CHOICES = 3


def sign_up(newcomer: Visitor, platform: LivePlatform, *, name: str, hands: Hands, role: str = "student") -> None:
    """Fill the form in, open the link that is e-mailed, and make the account."""
    page = newcomer.page
    address = f"{name.lower().replace(' ', '-')}@example.org"
    newcomer.go("/sign-up/")
    hands.choose(page.locator(f"input[name=role][value={role}]"))
    hands.write(page.get_by_label("Name", exact=True), name)
    hands.write(page.get_by_label("E-mail address"), address)
    hands.write(page.get_by_label("Password"), PASSWORD)
    newcomer.look("sign-up")
    hands.press(page.get_by_role("main").get_by_role("button", name="Sign up"))
    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    link = re.search(r"http://\S+/sign-up/\S+", platform.newest_mail(address))
    assert link is not None
    page.goto(link[0])
    hands.press(page.get_by_role("button", name="Make my account"))


def answer_the_questions(newcomer: Visitor, *, hands: Hands) -> list[str]:
    """Choose the first few of everything that is asked; the feed is next.

    Returns:
        What was chosen, as the terms that it stands for.
    """
    page, chosen = newcomer.page, []
    for number in (1, 2, 3):
        expect(page.get_by_text(f"Question {number} of 3")).to_be_visible()
        newcomer.look(f"welcome-{number}")
        for choice in page.locator(".chips input").all()[:CHOICES]:
            chosen.append(str(choice.get_attribute("value")))
            hands.choose(choice)
        hands.press(page.get_by_role("button", name="Show my feed" if number == 3 else "Next"))
    return chosen
