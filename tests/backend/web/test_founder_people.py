from __future__ import annotations

from uuid import uuid4

import pytest

from applications.invitations import invitation_answer, invitation_send
from applications.models import Invitation
from applications.services import application_submit
from web.views import founder_people, invitations


@pytest.fixture
def founder(make_user):
    return make_user(name="Fina Founder", role="entrepreneur")


@pytest.fixture
def venture(make_startup, founder):
    return make_startup(title="Solar Roofs", owner=founder)


@pytest.fixture
def browser(client, founder):
    client.force_login(founder)
    return client


@pytest.fixture
def fitting(make_user):
    """A member who lets themselves be found."""
    return make_user(
        name="Paula Public", email="paula.secret@example.org", profile={"bio": "I roof.", "skills": ["python"]}
    )


def test_people_come_with_what_they_say_of_themselves_but_no_address(browser, service_down, venture, fitting, page):
    answer = page(browser.get(f"/founders/startups/{venture.pk}/people/"))
    for part in ("Paula Public", "I roof.", "Python", "New on Launchmatch", "a simpler list stands in"):
        assert part in answer.text
    assert "unreachable" not in answer.text
    assert "paula.secret" not in browser.get(f"/founders/startups/{venture.pk}/people/").content.decode()


def test_a_role_filters_and_an_unknown_one_does_not(browser, service_down, venture, fitting, make_user, page):
    make_user(name="Ivo Investor", role="investor")
    answer = page(browser.get(f"/founders/startups/{venture.pk}/people/?role=investor"))
    assert "Ivo Investor" in answer.text
    assert "Paula Public" not in answer.text
    assert "Paula Public" in page(browser.get(f"/founders/startups/{venture.pk}/people/?role=wizard")).text


def test_a_hidden_startup_is_shown_first(browser, service_down, venture, page):
    venture.status = "hidden"
    venture.save()
    assert "Show it first" in page(browser.get(f"/founders/startups/{venture.pk}/people/")).text


def test_inviting_moves_a_person_to_the_invited(browser, service_down, venture, fitting, page):
    address = f"/founders/startups/{venture.pk}/people/"
    for _ in range(2):
        posted = {"member_id": fitting.pk, "note": "Join us.", "next": address}
        answer = page(browser.post(f"/founders/startups/{venture.pk}/invitations/", posted, follow=True))
    assert "Paula Public is invited to Solar Roofs." in answer.text
    assert "Nobody to show yet" in answer.text
    assert Invitation.objects.get().note == "Join us."


def test_who_was_invited_long_ago_is_not_suggested_anew(browser, service_down, venture, make_user, page, monkeypatch):
    monkeypatch.setattr(founder_people, "INVITED_SHOWN", 2)
    for at in range(3):
        invitation_send(startup=venture, member=make_user(name=f"Guest {at}"), by=venture.owner)
    latest = page(browser.get(f"/founders/startups/{venture.pk}/people/"))
    assert "Nobody to show yet" in latest.text
    assert [at for at in range(3) if f"Guest {at}" in latest.text] == [1, 2]
    following = next(link for link in latest.links if "cursor=" in link)
    assert "Guest 0" in page(browser.get(f"/founders/startups/{venture.pk}/people/{following}")).text


def test_a_members_invitations_are_paged(client, fitting, make_user, make_startup, page, monkeypatch):
    monkeypatch.setattr(invitations, "SHOWN", 2)
    for at in range(3):
        theirs = make_startup(title=f"Venture {at}", owner=make_user())
        invitation_send(startup=theirs, member=fitting, by=theirs.owner)
    client.force_login(fitting)
    latest = page(client.get("/invitations/"))
    assert [at for at in range(3) if f"Venture {at}" in latest.text] == [1, 2]
    following = next(link for link in latest.links if "cursor=" in link)
    assert [at for at in range(3) if f"Venture {at}" in page(client.get(f"/invitations/{following}")).text] == [0]


def test_what_cannot_be_invited_is_said(browser, service_down, venture, fitting, make_user, page):
    base = f"/founders/startups/{venture.pk}/invitations/"
    page(browser.post(base, {"member_id": make_user(profile={"is_public": False}).pk}), 404)
    page(browser.post(base, {"member_id": uuid4()}), 404)
    page(browser.post(base, {"member_id": "nobody"}), 422)
    page(browser.post(base, {"member_id": fitting.pk, "note": "x" * 1001}), 422)
    application_submit(member=fitting, startup=venture)
    answer = page(browser.post(base, {"member_id": fitting.pk}, follow=True))
    assert "applied already" in answer.text
    assert not Invitation.objects.exists()


def test_a_members_page_is_for_founders(browser, web, member, venture, founder, fitting, make_user, page, client):
    client.force_login(founder)
    answer = page(client.get(f"/members/{fitting.pk}/"))
    assert "I roof." in answer.text
    assert "Invite to Solar Roofs" in answer.text
    page(client.get(f"/members/{make_user(profile={'is_public': False}).pk}/"), 404)
    client.force_login(member)
    page(client.get(f"/members/{fitting.pk}/"), 404)
    assert "This is how founders see you" in page(client.get(f"/members/{member.pk}/")).text


def test_who_was_shut_out_since_is_named_without_a_link_to_nothing(browser, service_down, venture, fitting, page):
    invitation_send(startup=venture, member=fitting, by=venture.owner)
    fitting.is_active = False
    fitting.save()
    answer = page(browser.get(f"/founders/startups/{venture.pk}/people/"))
    assert "Paula Public" in answer.text
    assert f"/members/{fitting.pk}/" not in answer.links


def test_a_name_left_out_is_not_replaced_by_the_address(browser, venture, make_user, page):
    nameless = make_user(name="", email="nameless@example.org")
    response = browser.get(f"/members/{nameless.pk}/")
    assert "A member" in page(response).text
    assert "nameless@example.org" not in response.content.decode()


def test_an_invitation_is_accepted_on_its_page(client, venture, founder, fitting, page):
    invitation = invitation_send(startup=venture, member=fitting, by=founder, note="Join us.")
    client.force_login(fitting)
    shown = page(client.get("/invitations/"))
    assert "Solar Roofs" in shown.text
    assert "Join us." in shown.text
    response = client.post(f"/invitations/{invitation.pk}/", {"answer": "accept"})
    assert (response.status_code, response["Location"]) == (302, f"/startups/{venture.pk}/")
    assert "Accepted" in page(client.get("/invitations/")).text


def test_an_invitation_is_declined_once_and_for_all(client, venture, founder, fitting, page):
    invitation = invitation_send(startup=venture, member=fitting, by=founder)
    client.force_login(fitting)
    assert "Declined" in page(client.post(f"/invitations/{invitation.pk}/", {"answer": "decline"}, follow=True)).text
    answer = page(client.post(f"/invitations/{invitation.pk}/", {"answer": "accept"}, follow=True))
    assert "declined before" in answer.text
    assert client.post(f"/invitations/{invitation.pk}/", {"answer": "perhaps"}).status_code == 422


def test_anothers_invitation_is_not_there(browser, venture, founder, fitting, page):
    invitation = invitation_send(startup=venture, member=fitting, by=founder)
    page(browser.post(f"/invitations/{invitation.pk}/", {"answer": "accept"}), 404)
    invitation_answer(invitation=invitation, accept=True, by=fitting)
    assert Invitation.objects.get().status == "accepted"
