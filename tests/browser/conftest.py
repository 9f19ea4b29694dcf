"""A live platform, a real Chromium, and people who use the one with the other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.live_platform import REPOSITORY, LivePlatform
from tests.browser.visitor import DESKTOP, Visitor

Visit = Callable[..., Visitor]
TIMEOUT_MS = 15_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them take more than a few seconds."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Of a Chromium. Without one these tests fail in continuous integration ($CI), and are skipped elsewhere."""
    found = subprocess.run(
        [sys.executable, "deploy/browser.py"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if found.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(found.stderr.strip())
    return found.stdout.strip()


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A Chromium; as root it runs without its sandbox, which it refuses to do otherwise.

    It ends with its module: while Playwright's event loop runs, Django refuses other tests their database.
    """
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="module")
def platform(built_platform: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePlatform]:
    """A running platform of the module's own: what one module does there, no other sees."""
    folder = tmp_path_factory.mktemp("platform") / "copy"
    shutil.copytree(built_platform, folder)
    running = LivePlatform(folder)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def logins(platform: LivePlatform) -> dict[str, str]:
    """An e-mail address per role: `student`, `investor`, `entrepreneur`, `staff`."""
    return {login["role"]: login["email"] for login in json.loads(platform.manage("demo_logins"))}


@pytest.fixture
def visit(browser: Browser, platform: LivePlatform) -> Iterator[Visit]:
    """`visit(viewport=PHONE, color_scheme="dark", java_script_enabled=False)`: a visitor with a browser of their own.

    When the test is over, nothing may have gone wrong on any of their pages.
    """
    visitors: list[Visitor] = []

    def open_browser(**options: object) -> Visitor:
        context = browser.new_context(**{"viewport": DESKTOP, **options})  # type: ignore[arg-type]
        context.set_default_timeout(TIMEOUT_MS)
        visitors.append(Visitor(context.new_page(), platform.url))
        return visitors[-1]

    yield open_browser
    problems = [problem for visitor in visitors for problem in visitor.problems]
    for visitor in visitors:
        visitor.page.context.close()
    assert problems == []
