from __future__ import annotations

import pytest

URL = "/api/v1/tokens/"
STARTUPS = "/api/v1/startups/"
PASSWORD = "a long enough password"


def test_a_token_opens_the_api_until_it_is_revoked(stranger, member, check_problem):
    token = stranger.post(URL, {"email": member.email.upper(), "password": PASSWORD}).json()["token"]
    stranger.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert stranger.get(STARTUPS).status_code == 200
    assert stranger.post(f"{URL}revoke/").status_code == 204
    check_problem(stranger.get(STARTUPS), 401)


def test_a_session_opens_the_api_but_writing_needs_the_csrf_token(member, startup, client, check_problem):
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(member)
    assert strict.get(STARTUPS).status_code == 200
    body = {"startup_id": str(startup.pk), "type": "like", "idempotency_key": "k"}
    check_problem(strict.post("/api/v1/interactions/", body, content_type="application/json"), 403, "CSRF")


def test_wrong_and_unknown_look_the_same(stranger, member):
    wrong = stranger.post(URL, {"email": member.email, "password": "wrong"})
    unknown = stranger.post(URL, {"email": "nobody@example.org", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.json() == unknown.json()


def test_who_is_not_active_gets_no_token(stranger, make_user, check_problem):
    gone = make_user(is_active=False)
    check_problem(stranger.post(URL, {"email": gone.email, "password": PASSWORD}), 422)


@pytest.mark.parametrize("email", ["a\x00b@example.org", "", "x" * 255])
def test_bad_credentials_are_refused(stranger, db, check_problem, email):
    check_problem(stranger.post(URL, {"email": email, "password": "x"}), 422, "email")


def test_guessing_is_slowed_down(stranger, member, check_problem):
    for _ in range(10):
        stranger.post(URL, {"email": member.email, "password": "wrong"})
    response = stranger.post(URL, {"email": member.email, "password": PASSWORD})
    check_problem(response, 429)
    assert int(response["Retry-After"]) > 0
