from __future__ import annotations

import pytest
from rest_framework.authtoken.models import Token

from accounts.models import User

URL = "/api/v1/me/"
PASSWORD = "a long enough password"
BETTER = "another quite long password"


def test_reading_and_changing_what_i_say_of_myself(api, member):
    body = api.get(URL).json()
    assert (body["id"], body["email"], body["role"]) == (str(member.pk), member.email, "student")
    changed = api.patch(
        URL, {"name": "Mina M.", "bio": "I roof.", "skills": ["Python", "python"], "city": "Kassel"}
    ).json()
    assert (changed["name"], changed["bio"], changed["skills"]) == ("Mina M.", "I roof.", ["python"])
    assert changed["location"] == {"country": "", "state": "", "region": "", "city": "Kassel"}
    assert api.get(URL).json() == changed
    assert api.patch(URL, {"is_public": False}).json()["bio"] == "I roof."


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"email": "new@example.org"}, "'email' is unknown"),
        ({"is_staff": True}, "'is_staff' is unknown"),
        ({"role": "king"}, "'king' is not one of"),
        ({"bio": "x" * 5001}, "bio"),
        ({"skills": "python"}, "skills"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_a_refused_value_is_named_and_nothing_changes(api, member, check_problem, body, part):
    check_problem(api.patch(URL, {"city": "Kassel", **body}), 422, part)
    member.refresh_from_db()
    assert (member.email, member.is_staff, member.profile.city) == (member.email, False, "")


def test_preferences(api, check_problem):
    assert api.get(f"{URL}preferences/").json() == {
        name: [] for name in ("categories", "fields", "tags", "stages", "skills")
    }
    changed = api.patch(f"{URL}preferences/", {"fields": ["Mental health"], "tags": ["sleep"]}).json()
    assert (changed["fields"], changed["tags"], changed["skills"]) == (["mental-health"], ["sleep"], [])
    assert api.patch(f"{URL}preferences/", {"tags": []}).json()["fields"] == ["mental-health"]
    check_problem(api.patch(f"{URL}preferences/", {"colours": []}), 422, "'colours' is unknown")
    check_problem(api.patch(f"{URL}preferences/", {"tags": ["x" * 81]}), 422, "tags")


def test_personal_lists_are_switched_off_and_on(api):
    address = f"{URL}recommendation-settings/"
    assert api.get(address).json() == {"is_personalised": True}
    assert api.put(address, {"is_personalised": False}).json() == {"is_personalised": False}
    assert api.get(address).json() == {"is_personalised": False}


def test_everything_is_handed_out(api, member, startup, make_event):
    make_event(member, startup, "like")
    whole = api.get(f"{URL}export/").json()
    assert whole["account"]["email"] == member.email
    assert [act["startup"] for act in whole["interactions"]] == [startup.title]
    assert {"profile", "preferences", "applications", "invitations"} <= whole.keys()


def test_a_changed_password_ends_tokens(api, member, check_problem):
    Token.objects.create(user=member)
    check_problem(api.post(f"{URL}password/", {"old": "wrong", "new": BETTER}), 422, "not your password")
    check_problem(api.post(f"{URL}password/", {"old": PASSWORD, "new": "short"}), 422, "password")
    assert api.post(f"{URL}password/", {"old": PASSWORD, "new": BETTER}).status_code == 204
    member.refresh_from_db()
    assert member.check_password(BETTER)
    assert not Token.objects.exists()


def test_guessing_the_password_to_leave_with_is_slowed_down(api, check_problem):
    for _ in range(20):
        check_problem(api.delete(URL, {"password": "wrong"}), 422)
    check_problem(api.delete(URL, {"password": PASSWORD}), 429)
    assert api.get(URL).status_code == 200


def test_leaving_takes_the_password_and_everything(api, member, make_startup, check_problem):
    startup = make_startup(owner=member)
    check_problem(api.delete(URL, {"password": "wrong"}), 422, "not your password")
    assert User.objects.filter(pk=member.pk).exists()
    assert api.delete(URL, {"password": PASSWORD}).status_code == 204
    assert not User.objects.filter(pk=member.pk).exists()
    startup.refresh_from_db()
    assert (startup.owner, startup.status) == (None, "closed")
