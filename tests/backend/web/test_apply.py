from __future__ import annotations

from uuid import uuid4

import pytest

from applications.models import Application
from applications.services import application_change_status
from interactions.models import InteractionEvent, StartupReport


@pytest.fixture(autouse=True)
def _quiet(service_down):
    """What is similar does not matter here."""


@pytest.fixture
def owner(make_user):
    return make_user(role="entrepreneur", name="Olga Owner")


@pytest.fixture
def startup(make_startup, owner):
    return make_startup(title="Ledgerleaf", owner=owner, positions=["Engineer", "Designer"])


@pytest.fixture
def address(startup):
    return f"/startups/{startup.pk}/"


def test_a_letter_is_sent_once_and_followed(web, member, owner, startup, address, page):
    position, request_id = startup.positions.first(), uuid4()
    form = {"letter": "I would\nlike to.", "role": position.pk, "request_id": request_id, "position": 3}
    answer = page(web.post(f"{address}apply/", form, follow=True))
    assert "You applied to Ledgerleaf." in answer.text
    assert "Your application Submitted" in answer.text
    page(web.post(f"{address}apply/", form, follow=True))
    application = Application.objects.get()
    assert (application.letter, application.position) == ("I would\nlike to.", position)
    event = InteractionEvent.objects.get()
    assert (event.type, event.recommendation_request_id, event.recommendation_position) == ("apply", request_id, 3)
    application_change_status(application=application, status="shortlisted", by=owner)
    assert "Shortlisted" in page(web.get(address)).text


def test_another_letter_does_not_replace_the_first_and_is_not_lost(web, address, page):
    web.post(f"{address}apply/", {"letter": "one"})
    answer = page(web.post(f"{address}apply/", {"letter": "another"}), 422)
    assert Application.objects.get().letter == "one"
    assert "You already applied to this startup; withdraw that application before sending another." in answer.text


def test_a_letter_that_is_refused_stays_in_the_form(web, make_startup, address, page):
    foreign = make_startup(positions=["Cook"]).positions.get()
    answer = page(web.post(f"{address}apply/", {"letter": "my words", "role": foreign.pk}), 422)
    assert "my words" in answer.text
    assert not Application.objects.exists()


def test_what_is_too_long_is_refused(web, address, page):
    page(web.post(f"{address}apply/", {"letter": "x" * 5001}), 422)
    assert not InteractionEvent.objects.exists()


def test_withdrawing_keeps_the_record_and_allows_another(web, address, page):
    web.post(f"{address}apply/", {"letter": "one"})
    web.post(f"{address}acts/", {"undo": "apply", "key": "k"})
    answer = page(web.get(address))
    assert "You withdrew your application" in answer.text
    web.post(f"{address}apply/", {"letter": "two"})
    assert Application.objects.get().letter == "two"


def test_one_does_not_apply_to_ones_own(client, owner, address, page):
    client.force_login(owner)
    assert "#apply" not in client.get(address).content.decode()
    page(client.post(f"{address}apply/", {"letter": "x"}), 422)
    assert not Application.objects.exists()


def test_a_hidden_startup_takes_none(web, startup, address, page):
    startup.status = "hidden"
    startup.save()
    page(web.post(f"{address}apply/", {"letter": "x"}), 404)
    page(web.post(f"{address}report/", {"reason": "spam"}), 404)


def test_a_declined_application_cannot_be_taken_back(web, owner, address, page):
    web.post(f"{address}apply/", {})
    application_change_status(application=Application.objects.get(), status="declined", by=owner)
    answer = page(web.post(f"{address}acts/", {"undo": "apply", "key": "k"}), 409)
    assert "cannot be withdrawn" in answer.text


def test_the_text_is_safe_and_only_web_addresses_are_links(web, startup, address):
    startup.description = (
        "See https://example.org/a?b=1&c=2. Or (http://x.example).\n\njavascript:alert(1) <b>bold</b> "
        'https://"onmouseover=alert(1) www.example.org'
    )
    startup.save()
    body = web.get(address).content.decode()
    assert '<a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener ugc">' in body
    assert '<a href="http://x.example" rel="nofollow noopener ugc">http://x.example</a>)' in body
    assert "javascript:alert(1) &lt;b&gt;bold&lt;/b&gt;" in body
    assert '"onmouseover' not in body
    assert "Olga Owner" in body


def test_a_report_reaches_the_staff_once(web, client, member, startup, address, make_user, page):
    for reason in ("spam", "copied"):
        answer = page(web.post(f"{address}report/", {"reason": reason, "text": "look"}, follow=True))
        assert "Our staff will look at it." in answer.text
    report = StartupReport.objects.get()
    assert (report.member, report.startup, report.reason, report.text) == (member, startup, "copied", "look")
    client.force_login(make_user(is_staff=True, is_superuser=True))
    listed = client.get("/admin/interactions/startupreport/")
    assert b"It copies another startup" in listed.content
    action = {"action": "mark_as_handled", "_selected_action": [report.pk]}
    client.post("/admin/interactions/startupreport/", action)
    report.refresh_from_db()
    assert report.handled_at is not None


@pytest.mark.parametrize("form", [{}, {"reason": "boring"}, {"reason": "spam", "text": "x" * 2001}])
def test_a_mangled_report_is_refused(web, address, page, form):
    page(web.post(f"{address}report/", form), 422)
    assert not StartupReport.objects.exists()


def test_one_does_not_report_ones_own(client, owner, address, page):
    client.force_login(owner)
    page(client.post(f"{address}report/", {"reason": "spam"}), 422)
    assert not StartupReport.objects.exists()
