from __future__ import annotations

from uuid import uuid4

import pytest

from interactions.selectors import interaction_list_live


@pytest.fixture
def founder(make_user):
    return make_user(name="Fina Founder", role="entrepreneur")


@pytest.fixture
def venture(make_startup, founder):
    return make_startup(title="Solar Roofs", owner=founder)


@pytest.fixture
def invite(api, founder, venture, member):
    """`invite()` sends an invitation to `member` as the founder, and logs `member` in again."""

    def send(**more):
        api.force_authenticate(founder)
        body = {"member_id": str(member.pk), "note": "Join us.", **more}
        response = api.post(f"/api/v1/me/startups/{venture.pk}/invitations/", body)
        api.force_authenticate(member)
        return response

    return send


def test_inviting_once_and_accepting(api, member, founder, venture, invite):
    first, again = invite(), invite()
    assert first.status_code == 201, first.content
    assert again.json() == first.json()
    mine = api.get("/api/v1/invitations/").json()["results"]
    assert [(found["startup_title"], found["note"], found["status"]) for found in mine] == [
        ("Solar Roofs", "Join us.", "sent")
    ]
    answered = api.post(f"/api/v1/invitations/{mine[0]['id']}/answer/", {"answer": "accept"}).json()
    assert answered["status"] == "accepted"
    assert interaction_list_live(user=member).get().type == "favorite"
    api.force_authenticate(founder)
    sent = api.get(f"/api/v1/me/startups/{venture.pk}/invitations/").json()["results"]
    assert [(found["member_id"], found["status"]) for found in sent] == [(str(member.pk), "accepted")]


def test_declining_is_final(api, invite, check_problem):
    key = invite().json()["id"]
    api.post(f"/api/v1/invitations/{key}/answer/", {"answer": "decline"})
    check_problem(api.post(f"/api/v1/invitations/{key}/answer/", {"answer": "accept"}), 409, "declined before")
    check_problem(invite(), 409, "declined an invitation")


def test_an_invitation_is_for_who_may_be_seen(invite, make_user, check_problem):
    hidden = make_user(profile={"is_public": False})
    check_problem(invite(member_id=str(hidden.pk)), 404)
    check_problem(invite(member_id=str(uuid4())), 404)
    check_problem(invite(note="x" * 1001), 422, "note")


def test_anothers_invitation_is_not_there(api, invite, make_user, check_problem):
    key = invite().json()["id"]
    check_problem(api.post(f"/api/v1/invitations/{key}/answer/", {"answer": "perhaps"}), 422, "accept, decline")
    api.force_authenticate(make_user())
    check_problem(api.post(f"/api/v1/invitations/{key}/answer/", {"answer": "accept"}), 404)
