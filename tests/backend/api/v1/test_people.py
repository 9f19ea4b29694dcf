from __future__ import annotations

import pytest


@pytest.fixture
def venture(make_startup, member):
    return make_startup(title="Solar Roofs", owner=member)


def test_people_for_my_startup_without_those_invited(api, service_down, venture, make_user, check_problem):
    fitting = make_user(name="Paula Public", role="investor", profile={"skills": ["python"]})
    invited = make_user()
    api.post(f"/api/v1/me/startups/{venture.pk}/invitations/", {"member_id": str(invited.pk)})
    address = f"/api/v1/me/startups/{venture.pk}/people/"
    body = api.get(address).json()
    assert (body["degraded"], body["rung"]) == (True, "newest")
    assert [place["member"]["id"] for place in body["results"]] == [str(fitting.pk)]
    assert body["results"][0]["member"]["skills"] == ["python"]
    assert "email" not in body["results"][0]["member"]
    assert api.get(address, {"role": "student"}).json()["results"] == []
    check_problem(api.get(address, {"role": "wizard"}), 422, "'wizard' is not one of")
    venture.status = "hidden"
    venture.save()
    check_problem(api.get(address), 404, "is hidden")


def test_a_member_is_read_by_founders_only(api, venture, make_user, member, check_problem):
    shown, hidden = make_user(name="Paula Public"), make_user(profile={"is_public": False})
    assert api.get(f"/api/v1/members/{shown.pk}/").json()["name"] == "Paula Public"
    check_problem(api.get(f"/api/v1/members/{hidden.pk}/"), 404)
    api.force_authenticate(make_user())
    check_problem(api.get(f"/api/v1/members/{shown.pk}/"), 404)
    api.force_authenticate(shown)
    assert api.get(f"/api/v1/members/{shown.pk}/").status_code == 200
