"""A person at a screen: a page of their own, and everything that went wrong on it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

from tests.browser.live_platform import REPOSITORY

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
PASSWORD = "launchmatch-demo"
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS_DIR", REPOSITORY / "var" / "screenshots"))
STAND_OUT = {"serious", "critical"}
EXPECTED = re.compile(r"^Failed to load resource: the server responded with a status of 4\d\d")
"""A refusal that a test brings about on purpose; everything else the browser complains of fails it."""


@dataclass
class Visitor:
    """A browser context of its own with one page.

    Attributes:
        page: The page.
        url: Of the platform.
        problems: Script errors, violations of the content policy, failed requests; a test ends with none.
    """

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("requestfailed", self._failed)

    def go(self, path: str) -> None:
        """Open a page, which must answer."""
        response = self.page.goto(self.url + path)
        assert response is not None
        assert response.status == 200, f"{path} answered {response.status}"

    def log_in(self, email: str, password: str = PASSWORD) -> None:
        """By the form."""
        self.go("/login/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("main").get_by_role("button", name="Log in").click()
        self.page.wait_for_load_state()
        assert "/login/" not in self.page.url, self.page.get_by_role("main").inner_text()

    def look(self, name: str) -> None:
        """Keep a screenshot of the whole page, which must not scroll sideways."""
        size = self.page.viewport_size
        assert size is not None
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}.png", full_page=True)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{self.page.url} is {width} px wide on a screen of {size['width']} px"

    def barriers(self, *, only: Sequence[str] = ()) -> list[str]:
        """What keeps people out of this page, as axe-core finds it: its serious and critical violations.

        Args:
            only: Names of its rules; by default all that it counts as needed.
        """
        options = {"runOnly": {"type": "rule", "values": list(only)}} if only else None
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:300]} {_why(node)}"
            for violation in found
            if violation["impact"] in STAND_OUT
            for node in violation["nodes"][:3]
        ]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not EXPECTED.match(message.text):
            self.problems.append(f"{message.type} on {self.page.url}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"{request.url} failed: {request.failure}")


def _why(node: dict[str, object]) -> str:
    return str(node.get("failureSummary", ""))[:300].replace("\n", " ")
