from __future__ import annotations

from uuid import uuid4

import pytest

from applications.models import Application
from interactions.selectors import interaction_list_live

URL = "/api/v1/applications/"


@pytest.fixture
def founder(make_user):
    return make_user(name="Fina Founder", role="entrepreneur")


@pytest.fixture
def venture(make_startup, founder):
    return make_startup(title="Solar Roofs", owner=founder, positions=["Roofer"])


def apply(api, venture, **more):
    return api.post(URL, {"startup_id": str(venture.pk), "letter": "I roof.", **more})


def test_applying_once_and_reading_it(api, member, venture):
    position = venture.positions.get()
    first = apply(api, venture, position_id=position.pk)
    assert first.status_code == 201, first.content
    again = apply(api, venture, position_id=position.pk)
    assert again.json() == first.json()
    body = first.json()
    assert (body["startup_title"], body["position"], body["letter"], body["status"]) == (
        "Solar Roofs",
        {"id": position.pk, "title": "Roofer"},
        "I roof.",
        "submitted",
    )
    assert api.get(f"{URL}{body['id']}/").json() == body
    assert api.get(URL).json() == {"next": None, "results": [body]}
    assert interaction_list_live(user=member).get().type == "apply"


def test_withdrawing_and_applying_again(api, member, venture):
    key = apply(api, venture).json()["id"]
    for _ in range(2):
        assert api.post(f"{URL}{key}/withdraw/").json()["status"] == "withdrawn"
    assert not interaction_list_live(user=member).exists()
    assert apply(api, venture, letter="Once more.").json()["id"] == key


def test_the_act_and_the_application_are_one_truth(api, member, venture):
    act = {"startup_id": str(venture.pk), "type": "apply", "idempotency_key": "k1"}
    event = api.post("/api/v1/interactions/", act).json()
    assert api.get(URL).json()["results"][0]["status"] == "submitted"
    api.post(f"/api/v1/interactions/{event['id']}/undo/")
    assert api.get(URL).json()["results"][0]["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"letter": "x" * 5001}, "letter"),
        ({"position_id": 10**30}, "position_id"),
        ({"position_id": 999999}, "There is no position 999999"),
        ({"status": "accepted"}, "'status' is unknown"),
        ({"recommendation_position": 1}, "needs the recommendation_request_id"),
    ],
)
def test_a_refused_value_is_named(api, venture, check_problem, change, part):
    check_problem(apply(api, venture, **change), 422, part)
    assert not Application.objects.exists()


def test_what_cannot_be_applied_to(api, member, venture, make_startup, check_problem):
    check_problem(apply(api, make_startup(status="hidden")), 404)
    check_problem(apply(api, make_startup(owner=member)), 422, "your own")
    apply(api, venture)
    check_problem(apply(api, venture, letter="Another."), 409, "withdraw that application")


def test_the_founder_reads_and_decides_and_the_applicant_sees_it(api, member, founder, venture, check_problem):
    key = apply(api, venture).json()["id"]
    received = f"/api/v1/received-applications/{key}/"
    api.force_authenticate(founder)
    listed = api.get(f"/api/v1/me/startups/{venture.pk}/applications/", {"status": "submitted"}).json()["results"]
    assert [(found["id"], found["member"]["name"]) for found in listed] == [(key, "Mina Member")]
    assert "email" not in listed[0]["member"]
    assert listed[0]["next_statuses"] == ["seen", "shortlisted", "accepted", "declined"]
    assert api.get(received).json()["status"] == "submitted"
    assert api.post(received, {"status": "declined"}).json()["status"] == "declined"
    check_problem(api.post(received, {"status": "seen"}), 409, "declined can become shortlisted")
    api.force_authenticate(member)
    assert api.get(f"{URL}{key}/").json()["status"] == "declined"
    check_problem(api.post(f"{URL}{key}/withdraw/"), 409)


def test_each_sees_only_their_side(api, founder, venture, make_user, check_problem):
    key = apply(api, venture).json()["id"]
    check_problem(api.get(f"/api/v1/received-applications/{key}/"), 404)
    check_problem(api.post(f"/api/v1/received-applications/{key}/", {"status": "accepted"}), 404)
    for other in (founder, make_user()):
        api.force_authenticate(other)
        check_problem(api.get(f"{URL}{key}/"), 404)
        check_problem(api.post(f"{URL}{key}/withdraw/"), 404)
    check_problem(api.get(f"{URL}{uuid4()}/"), 404)
    assert Application.objects.get().status == "submitted"
