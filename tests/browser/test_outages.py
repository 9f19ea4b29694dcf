"""The recommendation service is stopped, hangs and comes back while members and engineers look at their pages."""

from __future__ import annotations

import signal
import time

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE

PATIENCE_SECONDS = 30.0
SLOWEST_SECONDS = 6.0
STANDS_IN = "Not your usual recommendations."


@pytest.fixture
def hung_service(platform):
    """The service's processes stand still for the time of the test: they accept connections and answer nothing."""
    platform.signal_service(signal.SIGSTOP)
    yield
    platform.signal_service(signal.SIGCONT)


@pytest.fixture
def stopped_service(platform):
    """The service is gone for the time of the test."""
    platform.stop_service()
    yield
    platform.start_service()


def expect_usual_feed(member):
    """As soon as the platform asks the service again, the list is the service's."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        member.go("/")
        if not member.page.get_by_text(STANDS_IN).count():
            assert member.page.get_by_role("article").count() > 5
            return
        time.sleep(0.5)
    raise AssertionError(member.page.get_by_role("main").inner_text())


def test_before_anything_breaks_the_list_is_the_services(visit, logins):
    member = visit()
    member.log_in(logins["student"])
    expect_usual_feed(member)


def test_stopped(visit, logins, stopped_service):
    member = visit(viewport=PHONE)
    member.log_in(logins["student"])
    member.go("/")
    expect(member.page.get_by_text(STANDS_IN)).to_be_visible()
    assert member.page.get_by_role("article").count() > 5
    member.look("feed-degraded")
    card = member.page.get_by_role("article").first
    card.get_by_role("button", name="Like", exact=False).first.click()
    expect(card.locator("[aria-pressed=true]").first).to_be_visible()

    engineer = visit()
    engineer.log_in(logins["staff"])
    for path in ("/console/", "/console/models/", "/console/models/two_tower_v1/"):
        engineer.go(path)
        expect(engineer.page.get_by_text("The recommendation service is unreachable.")).to_be_visible()
    engineer.look("console-version-service-stopped")


def test_hung(visit, logins, hung_service):
    member = visit()
    member.log_in(logins["investor"])
    started = time.monotonic()
    member.go("/")
    assert time.monotonic() - started < SLOWEST_SECONDS, "a page waits for a deadline, not for the service"
    expect(member.page.get_by_text(STANDS_IN)).to_be_visible()
    assert member.page.get_by_role("article").count() > 5

    engineer = visit()
    engineer.log_in(logins["staff"])
    engineer.go("/console/")
    expect(engineer.page.get_by_text("The recommendation service did not answer in time.")).to_be_visible()


def test_back_again(visit, logins):
    member = visit()
    member.log_in(logins["student"])
    expect_usual_feed(member)
    engineer = visit()
    engineer.log_in(logins["staff"])
    engineer.go("/console/")
    expect(engineer.page.get_by_text("Serving now")).to_be_visible()
