from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import SignUp, User
from accounts.sign_up import sign_up_token

URL = "/api/v1/accounts/"
NEW = {"email": "new@example.org", "name": "Nina New", "role": "investor", "password": "a quite long password"}


@pytest.fixture
def written(monkeypatch):
    """E-mails leave at once rather than in the background."""
    monkeypatch.setattr("accounts.mail.soon", lambda task: task())
    return mail.outbox


def test_signing_up_confirming_and_using_the_token(stranger, db, written):
    assert stranger.post(URL, NEW).status_code == 202
    assert [letter.to for letter in written] == [["new@example.org"]]
    token = sign_up_token(SignUp.objects.get())
    made = stranger.post(f"{URL}confirm/", {"token": token, "password": NEW["password"]})
    assert made.status_code == 201, made.content
    user = User.objects.get()
    assert (user.email, user.name, user.role) == ("new@example.org", "Nina New", "investor")
    stranger.credentials(HTTP_AUTHORIZATION=f"Token {made.json()['token']}")
    assert stranger.get("/api/v1/me/").json()["name"] == "Nina New"


def test_whether_an_address_has_an_account_is_not_told(stranger, member, written):
    taken = stranger.post(URL, {**NEW, "email": member.email})
    free = stranger.post(URL, NEW)
    assert (taken.status_code, taken.content) == (free.status_code, free.content) == (202, b"")
    known = stranger.post(f"{URL}password-reset/", {"email": member.email})
    unknown = stranger.post(f"{URL}password-reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, b"")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"email": "nobody"}, "email"),
        ({"password": "short"}, "password"),
        ({"role": "king"}, "'king' is not one of"),
        ({"is_staff": True}, "'is_staff' is unknown"),
    ],
)
def test_a_refused_value_is_named(stranger, db, check_problem, change, part):
    check_problem(stranger.post(URL, {**NEW, **change}), 422, part)
    assert not SignUp.objects.exists()


def test_a_link_that_is_none_is_gone_and_a_wrong_password_opens_nothing(stranger, db, written, check_problem):
    check_problem(stranger.post(f"{URL}confirm/", {"token": "x", "password": "y"}), 410)
    stranger.post(URL, NEW)
    token = sign_up_token(SignUp.objects.get())
    check_problem(stranger.post(f"{URL}confirm/", {"token": token, "password": "another one"}), 422)
    assert not User.objects.exists()


def test_signing_up_again_and_again_is_slowed_down(stranger, db, check_problem):
    for _ in range(20):
        stranger.post(URL, {})
    check_problem(stranger.post(URL, {}), 429)
