from __future__ import annotations

import re
from uuid import uuid4

import pytest

from applications.models import Application
from applications.services import application_submit
from web.views import founder_applications


@pytest.fixture
def founder(make_user):
    return make_user(name="Fina Founder", role="entrepreneur")


@pytest.fixture
def venture(make_startup, founder):
    return make_startup(title="Solar Roofs", owner=founder, positions=["Roofer"])


@pytest.fixture
def browser(client, founder):
    client.force_login(founder)
    return client


@pytest.fixture
def application(venture, make_user):
    applicant = make_user(name="Anna Applicant", profile={"bio": "I climb.", "skills": ["go"]})
    return application_submit(
        member=applicant, startup=venture, letter="Dear all.\n\nI roof.", position=venture.positions.get()
    )


def test_applications_are_listed_and_filtered_by_status(browser, venture, application, make_user, page):
    application_submit(member=make_user(name="Otto Other"), startup=venture)
    Application.objects.filter(member__name="Otto Other").update(status="declined")
    base = f"/founders/startups/{venture.pk}/applications/"
    everything = page(browser.get(base))
    assert "Anna Applicant" in everything.text
    assert "Otto Other" in everything.text
    assert "for Roofer" in everything.text
    declined = page(browser.get(f"{base}?status=declined"))
    assert "Otto Other" in declined.text
    assert "Anna Applicant" not in declined.text
    assert "Anna Applicant" in page(browser.get(f"{base}?status=lost")).text
    assert "None of these" in page(browser.get(f"{base}?status=accepted")).text


def test_a_long_list_is_paged_without_gaps_within_its_status(browser, venture, make_user, page, monkeypatch):
    monkeypatch.setattr(founder_applications, "PAGE_SIZE", 2)
    for at in range(6):
        application_submit(member=make_user(name=f"Applicant {at}"), startup=venture)
    Application.objects.filter(member__name="Applicant 5").update(status="declined")
    base, address, shown = f"/founders/startups/{venture.pk}/applications/", "?status=submitted", []
    while address:
        answer = page(browser.get(base + address))
        shown.append([at for at in range(6) if f"Applicant {at}" in answer.text])
        address = next((link for link in answer.links if "cursor=" in link), "")
    assert shown == [[3, 4], [1, 2], [0]]
    assert "Applicant 5" in page(browser.get(f"{base}?cursor=mangled")).text


def test_an_empty_list_leads_on(browser, venture, page):
    assert "No applications yet" in page(browser.get(f"/founders/startups/{venture.pk}/applications/")).text


def test_the_letter_is_read_whole_with_the_applicants_facts(browser, application, page):
    answer = page(browser.get(f"/founders/applications/{application.pk}/"))
    for part in ("Dear all.", "I roof.", "I climb.", "Go", "Submitted"):
        assert part in answer.text
    assert re.search(r"Submitted \d+ \w+ \d{4}, \d\d:\d\d UTC", answer.text)
    assert ("status", "accepted") in answer.buttons
    application.refresh_from_db()
    assert application.status == "submitted"  # reading by GET decides nothing


def test_one_click_decides_with_scripts_and_without(browser, venture, application, page):
    address = f"/founders/applications/{application.pk}/status/"
    back = f"/founders/startups/{venture.pk}/applications/"
    answer = browser.post(address, {"status": "shortlisted", "next": back})
    assert (answer.status_code, answer["Location"]) == (302, back)
    assert "Anna Applicant: shortlisted." in page(browser.get(back)).text
    part = browser.post(address, {"status": "accepted", "next": back}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "Accepted" in part.content.decode()
    assert "<html" not in part.content.decode()
    application.refresh_from_db()
    assert application.status == "accepted"


def test_a_move_the_states_do_not_have_is_refused_in_words(browser, application, page):
    Application.objects.update(status="withdrawn")
    address = f"/founders/applications/{application.pk}/status/"
    assert "That did not work" in page(browser.post(address, {"status": "accepted"}, follow=True)).text
    part = browser.post(address, {"status": "accepted"}, headers={"HX-Request": "true"})
    assert part.status_code == 409
    assert "That did not work" in part.content.decode()
    assert browser.post(address, {"status": "eaten"}).status_code == 422


def test_anothers_application_is_not_there(web, application, page):
    page(web.get(f"/founders/applications/{application.pk}/"), 404)
    page(web.post(f"/founders/applications/{application.pk}/status/", {"status": "accepted"}), 404)
    page(web.get(f"/founders/applications/{uuid4()}/"), 404)
    application.refresh_from_db()
    assert application.status == "submitted"


def test_the_list_takes_few_queries(browser, venture, make_user, django_assert_max_num_queries):
    for _ in range(8):
        application_submit(member=make_user(), startup=venture)
    with django_assert_max_num_queries(9):
        browser.get(f"/founders/startups/{venture.pk}/applications/")
