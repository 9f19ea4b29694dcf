"""An engineer trains a version, lets it serve, and takes it back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visitor import PHONE

TRAINED_MS = 120_000
NOTICED_MS = 20_000


def test_train_activate_roll_back(visit, logins):
    engineer = visit()
    page = engineer.page
    engineer.log_in(logins["staff"])
    engineer.go("/console/")
    expect(page.get_by_role("main")).to_contain_text("two_tower_v1")
    engineer.look("console-overview")

    page.get_by_role("link", name="Training", exact=True).click()
    page.get_by_label("Fast: small towers").check()
    page.get_by_label("Epochs").fill("1")
    engineer.look("console-training")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("at work").first).to_be_visible()
    expect(page.get_by_role("link", name="two_tower_v2")).to_be_visible(timeout=TRAINED_MS)
    engineer.look("console-job")

    page.get_by_role("link", name="two_tower_v2").click()
    page.get_by_role("button", name="Validate").click()
    expect(page.get_by_text("two_tower_v2 could serve")).to_be_visible()
    page.get_by_text("Activate", exact=True).click()
    page.get_by_label("Reason").fill("the new one knows this week")
    force = page.get_by_label("let it serve all the same")
    if force.count():
        force.check()
    engineer.look("console-version")
    page.get_by_role("button", name="Activate two_tower_v2").click()
    expect(page.get_by_text("two_tower_v2 is active, after two_tower_v1")).to_be_visible()
    _expect_serving(engineer, "two_tower_v2")

    engineer.go("/console/models/")
    engineer.look("console-models")
    page.get_by_text("Roll back").first.click()
    page.get_by_label("Reason").fill("worse for investors")
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("two_tower_v1 is active again, after two_tower_v2")).to_be_visible()
    _expect_serving(engineer, "two_tower_v1")

    engineer.go("/console/audit/")
    for words in ("Started a job", "Validated a model", "the new one knows this week", "worse for investors"):
        expect(page.get_by_role("main")).to_contain_text(words)
    engineer.look("console-audit")


def test_a_training_outlives_the_web_server_and_is_cancelled_from_a_phone(visit, platform, logins):
    engineer = visit(viewport=PHONE, color_scheme="dark")
    page = engineer.page
    engineer.log_in(logins["staff"])
    engineer.go("/console/training/")
    page.get_by_label("Deep: larger towers").check()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    job = page.url.removeprefix(platform.url)
    page.goto("about:blank")
    platform.stop_pages()
    platform.start_pages()
    engineer.go(job)
    expect(page.get_by_text("at work").first).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status").filter(has_text="cancelled by an engineer")).to_be_visible(timeout=NOTICED_MS)
    engineer.look("console-job-cancelled")
    engineer.go("/console/training/")
    expect(page.get_by_role("button", name="Start training")).to_be_visible()


def test_acts_are_downloaded_as_often_as_asked(visit, logins):
    engineer = visit()
    page = engineer.page
    engineer.log_in(logins["staff"])
    engineer.go("/console/data/")
    sizes = []
    for days in ("1", "366"):
        page.get_by_label("The latest days").fill(days)
        with page.expect_download() as started:
            page.get_by_role("button", name="Download events.csv").click()
        sizes.append(started.value.path().stat().st_size)
    assert sizes[0] < sizes[1]


def _expect_serving(engineer, version):
    """The service follows the pointer within moments."""
    deadline = NOTICED_MS // 500
    for _ in range(deadline):
        engineer.go("/console/")
        if engineer.page.locator(".figure", has_text="Serving now").get_by_role("link", name=version).count():
            return
        engineer.page.wait_for_timeout(500)
    raise AssertionError(f"{version} does not serve: {engineer.page.get_by_role('main').inner_text()}")
