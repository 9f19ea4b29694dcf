"""Moving an account: proved by the password, confirmed by the reader of the new address, silent about others."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.email_change import email_change_token
from accounts.services import user_set_password

URL = "/api/v1/me/email/"
CONFIRM = f"{URL}confirm/"
PASSWORD = "a long enough password"
NEW = "new@example.org"


@pytest.fixture
def written(monkeypatch):
    """E-mails leave at once rather than in the background."""
    monkeypatch.setattr("accounts.mail.soon", lambda task: task())
    return mail.outbox


def token_in(letter):
    return re.search(r"http://testserver/account/email/([^/\s]+)", letter.body)[1]


def test_the_token_that_was_e_mailed_moves_the_account(api, member, stranger, written):
    old = member.email
    assert api.post(URL, {"email": "New@Example.org", "password": PASSWORD}).status_code == 202
    assert [letter.to for letter in written] == [[NEW]]
    member.refresh_from_db()
    assert member.email == old
    moved = api.post(CONFIRM, {"token": token_in(written[0])})
    assert (moved.status_code, moved.json()["email"]) == (200, NEW)
    assert [letter.to for letter in written[1:]] == [[old]]
    answers = [
        stranger.post("/api/v1/tokens/", {"email": email, "password": PASSWORD}).status_code for email in (NEW, old)
    ]
    assert answers == [200, 422]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"password": "another one"}, "not your password"),
        ({"email": "nobody"}, "email"),
        ({"email": "a" * 250 + "@example.org"}, "email"),
        ({"name": "x"}, "'name' is unknown"),
        ({"email": None}, "email"),
    ],
)
def test_a_refused_value_is_named_and_nothing_is_sent(api, written, check_problem, change, part):
    check_problem(api.post(URL, {"email": NEW, "password": PASSWORD, **change}), 422, part)
    assert written == []


def test_ones_own_address_is_refused(api, member, written, check_problem):
    body = {"email": member.email.upper(), "password": PASSWORD}
    check_problem(api.post(URL, body), 422, "your address already")
    assert written == []


def test_an_address_with_an_account_is_answered_like_any_other(api, make_user, written):
    other = make_user(email="taken@example.org")
    free, taken = (api.post(URL, {"email": email, "password": PASSWORD}) for email in (NEW, other.email))
    assert (free.status_code, free.content) == (taken.status_code, taken.content) == (202, b"")
    assert ["/account/email/" in letter.body for letter in written] == [True, False]


def test_a_token_works_once(api, member, written, check_problem):
    token = email_change_token(user=member, email=NEW)
    assert api.post(CONFIRM, {"token": token}).status_code == 200
    check_problem(api.post(CONFIRM, {"token": token}), 410, "ask for a new one")


@pytest.mark.parametrize("spoil", ["mangled", "another member's", "too old", "from before another password"])
def test_a_token_that_is_none_moves_nothing(api, member, make_user, check_problem, monkeypatch, spoil):
    old, token = member.email, email_change_token(user=member, email=NEW)
    if spoil == "mangled":
        token = token[:-1]
    elif spoil == "another member's":
        token = email_change_token(user=make_user(email="other@example.org"), email=NEW)
    elif spoil == "too old":
        later = (timezone.now() + timedelta(days=1, minutes=1)).timestamp()
        monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    else:
        user_set_password(user=member, password="another quite long password")
    check_problem(api.post(CONFIRM, {"token": token}), 410)
    member.refresh_from_db()
    assert member.email == old


def test_an_address_that_was_taken_meanwhile_is_gone(api, member, make_user, check_problem):
    token = email_change_token(user=member, email=NEW)
    make_user(email=NEW)
    check_problem(api.post(CONFIRM, {"token": token}), 410, "has an account by now")


def test_strangers_move_nothing(stranger, member, check_problem):
    check_problem(stranger.post(URL, {"email": NEW, "password": PASSWORD}), 401)
    check_problem(stranger.post(CONFIRM, {"token": email_change_token(user=member, email=NEW)}), 401)


def test_guessing_is_slowed_down(api, check_problem):
    for _ in range(20):
        api.post(URL, {})
    check_problem(api.post(URL, {}), 429)
