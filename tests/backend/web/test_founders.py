from __future__ import annotations

from uuid import uuid4

import pytest

from startups.models import Startup


@pytest.fixture
def founder(make_user):
    return make_user(name="Fina Founder", role="entrepreneur")


@pytest.fixture
def venture(make_startup, founder):
    return make_startup(title="Solar Roofs", owner=founder, positions=["Roofer"], category="energy")


@pytest.fixture
def browser(client, founder):
    client.force_login(founder)
    return client


FORM = {
    "title": "Wind Walls",
    "description": "Walls that catch wind.",
    "type": "collaboration",
    "category": "Energy",
    "field": "wind power",
    "phase": "prototype",
    "stages": ["seed"],
    "tags": ["Smart grid", "", "B2B", "b2b"],
    "city": "Kassel",
    "country": "DEU",
    "founded_on": "2024-05-01",
}


def test_a_founder_sees_their_startups_with_what_waits(browser, founder, venture, make_startup, make_user, page):
    from applications.services import application_submit

    make_startup(title="Another's")
    application_submit(member=make_user(), startup=venture)
    make_startup(title="Dark Mode", owner=founder, status="hidden")
    answer = page(browser.get("/founders/startups/"))
    assert "Solar Roofs" in answer.text
    assert "1 new application" in answer.text
    assert "Dark Mode" in answer.text
    assert "Hidden" in answer.text
    assert "Another's" not in answer.text


def test_without_a_startup_the_page_says_what_to_do(web, page):
    assert "You have no startup here yet" in page(web.get("/founders/startups/")).text


def test_a_new_startup_is_open_to_members_in_the_words_of_the_vocabulary(browser, founder, page):
    key = page(browser.get("/founders/startups/new/")).fields["key"]
    for _ in range(2):
        answer = browser.post("/founders/startups/new/", {**FORM, "key": key}, follow=True)
        assert "Wind Walls is open to members." in page(answer).text
    startup = Startup.objects.get()
    assert (str(startup.pk), startup.owner, startup.status) == (key, founder, "active")
    assert (startup.category, startup.field, startup.tags) == ("energy", "wind-power", ["smart-grid", "b2b"])
    assert (startup.stages, startup.city, str(startup.founded_on)) == (["seed"], "Kassel", "2024-05-01")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": ""}, "This field is required"),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"type": "shop"}, "not one of the available choices"),
        ({"tags": [f"tag {n}" for n in range(9)]}, "At most 8, got 9"),
        ({"tags": ["x" * 81]}, "at most 80 characters"),
        ({"founded_on": "2999-01-01"}, "lies in the past"),
        ({"founded_on": "yesterday"}, "Enter a valid date"),
        ({"stages": ["moon"]}, "not one of the available choices"),
        ({"description": "a\x00b"}, "Null characters"),
        ({"key": "no-id"}, "form is out of date"),
    ],
)
def test_a_refused_value_is_named_and_what_was_typed_stays(browser, founder, page, change, message):
    answer = page(browser.post("/founders/startups/new/", {**FORM, "key": uuid4(), **change}), 422)
    assert message in answer.text
    assert "Walls that catch wind." in answer.text or "description" in change
    assert not Startup.objects.exists()


def test_anothers_id_creates_nothing(browser, make_startup, page):
    theirs = make_startup(title="Theirs")
    page(browser.post("/founders/startups/new/", {**FORM, "key": theirs.pk}), 422)
    theirs.refresh_from_db()
    assert theirs.title == "Theirs"
    assert Startup.objects.count() == 1


def test_editing_shows_what_is_and_saves_what_is_said(browser, venture, page):
    address = f"/founders/startups/{venture.pk}/edit/"
    shown = page(browser.get(address))
    assert (shown.fields["title"], shown.fields["category"]) == ("Solar Roofs", "energy")
    answer = page(browser.post(address, FORM, follow=True))
    assert "Saved." in answer.text
    venture.refresh_from_db()
    assert (venture.title, venture.field) == ("Wind Walls", "wind-power")
    page(browser.post(address, {**FORM, "title": ""}), 422)
    venture.refresh_from_db()
    assert venture.title == "Wind Walls"


def test_hiding_showing_selling_and_closing(browser, venture, page):
    for status, words in [
        ("hidden", "Nobody but you"),
        ("active", "Members can find"),
        ("sold", "sold"),
        ("active", ""),
    ]:
        answer = page(browser.post(f"/founders/startups/{venture.pk}/status/", {"status": status}, follow=True))
        venture.refresh_from_db()
        assert venture.status == status
        assert words in answer.text
    assert browser.post(f"/founders/startups/{venture.pk}/status/", {"status": "eaten"}).status_code == 422


def test_positions_are_added_once_edited_closed_and_reopened(browser, venture, page):
    base = f"/founders/startups/{venture.pk}/positions/"
    for _ in range(2):
        browser.post(base, {"title": "Cook", "requirements": "knives"})
    assert venture.positions.count() == 2
    cook = venture.positions.get(title="Cook")
    assert page(browser.get(f"{base}{cook.pk}/")).fields["title"] == "Cook"
    browser.post(f"{base}{cook.pk}/", {"title": "Chef", "requirements": ""})
    browser.post(f"{base}{cook.pk}/state/", {"open": "no"})
    cook.refresh_from_db()
    assert (cook.title, cook.is_active) == ("Chef", False)
    assert "Reopen" in page(browser.get(f"/founders/startups/{venture.pk}/")).text
    browser.post(f"{base}{cook.pk}/state/", {"open": "yes"})
    cook.refresh_from_db()
    assert cook.is_active
    assert "This field is required" in page(browser.post(base, {"title": ""}), 422).text
    assert page(browser.post(f"{base}{cook.pk}/", {"title": ""}), 422)


def test_every_change_is_published(browser, venture, monkeypatch):
    published = []
    for module in ("founders", "founder_startup"):
        monkeypatch.setattr(f"web.views.{module}.startup_publish", lambda startup_id: published.append(startup_id))
    base = f"/founders/startups/{venture.pk}/"
    position = venture.positions.get()
    browser.post(f"{base}edit/", FORM)
    browser.post(f"{base}status/", {"status": "hidden"})
    browser.post(f"{base}positions/", {"title": "Cook"})
    browser.post(f"{base}positions/{position.pk}/", {"title": "Chef"})
    browser.post(f"{base}positions/{position.pk}/state/", {"open": "no"})
    assert published == [venture.pk] * 5
    key = uuid4()
    browser.post("/founders/startups/new/", {**FORM, "key": key})
    assert published[5:] == [key]


def test_anothers_startup_is_not_there(web, venture, page):
    position = venture.positions.get()
    base = f"/founders/startups/{venture.pk}/"
    for part in ("", "edit/", "people/", "applications/", "numbers/", f"positions/{position.pk}/"):
        page(web.get(f"{base}{part}"), 404)
    for part in ("edit/", "status/", "positions/", f"positions/{position.pk}/state/", "invitations/"):
        page(web.post(f"{base}{part}", {"title": "Mine now", "status": "closed", "open": "no"}), 404)
    venture.refresh_from_db()
    assert (venture.title, venture.status) == ("Solar Roofs", "active")


def test_anothers_position_is_not_there(browser, venture, startup, page):
    theirs = startup.positions.get()
    page(browser.post(f"/founders/startups/{venture.pk}/positions/{theirs.pk}/", {"title": "Mine"}), 404)
