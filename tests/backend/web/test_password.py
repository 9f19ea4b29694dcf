from __future__ import annotations

import re

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail as outgoing

from accounts.models import MemberSession

PASSWORD = "a long enough password"
NEW = "another one, long enough"


def fail(client, name, times=1, **headers):
    form = {"username": name, "password": "wrong"}
    return [client.post("/login/", form, headers=headers) for _ in range(times)][-1]


def test_whoever_guesses_is_kept_out_for_a_while_even_with_the_right_password(client, member, page):
    assert fail(client, member.email, 4).status_code == 200
    answer = fail(client, member.email)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "closed for 15 minutes" in page(answer, 429).text
    assert client.post("/login/", {"username": member.email, "password": PASSWORD}).status_code == 429
    assert client.get("/login/").status_code == 200


def test_it_is_the_same_for_an_account_that_is_not_there(client, member):
    theirs = [fail(client, member.email) for _ in range(6)]
    nobodys = [fail(client, "nobody@example.org") for _ in range(6)]
    assert [answer.status_code for answer in theirs] == [answer.status_code for answer in nobodys]
    assert theirs[-1].content == nobodys[-1].content


@pytest.mark.parametrize("name", ["member", "nobody", "blocked", "without a password"])
def test_every_failed_log_in_costs_one_hash(client, make_user, monkeypatch, name):
    """Else the time of the answer would tell who has an account."""
    make_user(email="member@example.org")
    make_user(email="blocked@example.org", is_active=False)
    make_user(email="without@example.org", password=None)
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, password, salt: hashed.append(1) or encode(self, password, salt)
    )
    assert fail(client, f"{name.split()[0]}@example.org").status_code == 200
    assert len(hashed) == 1


def test_spelling_the_address_otherwise_does_not_help(client, member):
    for name in (member.email, member.email.upper(), f" {member.email}", member.email.title()):
        fail(client, name)
    assert fail(client, member.email).status_code == 429


def test_others_can_still_log_in_and_so_can_the_member_from_elsewhere(client, member, make_user):
    fail(client, member.email, 5)
    other = make_user()
    assert client.post("/login/", {"username": other.email, "password": PASSWORD}).status_code == 302
    client.logout()
    elsewhere = {"username": member.email, "password": PASSWORD}
    assert client.post("/login/", elsewhere, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_logging_in_forgets_the_failures(client, member):
    fail(client, member.email, 4)
    client.post("/login/", {"username": member.email, "password": PASSWORD})
    assert not AccessAttempt.objects.exists()


def test_behind_a_proxy_the_visitors_address_counts_and_cannot_be_made_up(client, member, settings):
    settings.TRUSTED_PROXIES = 1
    for n in range(5):
        answer = fail(client, member.email, **{"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.5"})
    assert answer.status_code == 429
    assert fail(client, member.email, **{"X-Forwarded-For": "198.51.100.1, 203.0.113.6"}).status_code == 200


def test_the_api_keeps_guessers_out_too(client, member):
    body = {"email": member.email, "password": "wrong"}
    statuses = [client.post("/api/v1/tokens/", body, content_type="application/json").status_code for _ in range(5)]
    assert statuses[-1] == 429
    answer = client.post(
        "/api/v1/tokens/", {"email": member.email, "password": PASSWORD}, content_type="application/json"
    )
    assert answer.status_code == 429
    assert answer["Content-Type"] == "application/problem+json"


def test_one_address_cannot_try_many_accounts_quickly(client, db):
    assert [fail(client, f"u{n}@example.org").status_code for n in range(31)][-1] == 429


def test_a_forgotten_password_is_replaced_by_mail(client, member, page):
    assert client.post("/password/forgotten/", {"email": member.email})["Location"] == "/password/forgotten/sent/"
    link = re.search(r"http://testserver(\S+)", outgoing.outbox[-1].body)[1]
    moved = client.get(link)
    assert "set-password" in moved["Location"], "the token does not stay in the address"
    assert "too short" in page(client.post(moved["Location"], {"password": "short"})).text
    assert client.post(moved["Location"], {"password": NEW})["Location"] == "/login/"
    assert "Log in with it" in page(client.get("/login/")).text
    assert client.post("/login/", {"username": member.email, "password": NEW}).status_code == 302
    assert "no longer works" in page(client.get(link, follow=True)).text


def test_whether_there_is_an_account_is_not_told(client, member):
    known = client.post("/password/forgotten/", {"email": member.email})
    unknown = client.post("/password/forgotten/", {"email": "nobody@example.org"})
    for answer in (known, unknown):
        del answer["Expires"]  # the time of day
    assert (known.status_code, known.headers) == (unknown.status_code, unknown.headers)
    assert len(outgoing.outbox) == 1


@pytest.mark.parametrize("link", ["/password/new/x/y/", "/password/new/MQ/set-password/", "/password/new/%00/y/"])
def test_a_mangled_reset_link_says_so(client, db, page, link):
    assert "no longer works" in page(client.get(link)).text


def test_a_lock_ends_when_a_new_password_is_chosen(client, member):
    fail(client, member.email, 5)
    client.post("/password/forgotten/", {"email": member.email})
    link = re.search(r"http://testserver(\S+)", outgoing.outbox[-1].body)[1]
    client.post(client.get(link)["Location"], {"password": NEW})
    assert client.post("/login/", {"username": member.email, "password": NEW}).status_code == 302


def test_changing_it_keeps_this_session_and_ends_the_others(client, member, django_user_model):
    other = type(client)()
    for browser in (client, other):
        browser.force_login(member)
    assert client.post("/account/password/", {"old": PASSWORD, "password": NEW})["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({"old": "a guess", "password": NEW}, "That is not your password."),
        ({"old": PASSWORD, "password": "short"}, "too short"),
        ({"old": PASSWORD}, "required"),
    ],
)
def test_a_change_that_is_refused_says_why(web, member, page, form, named):
    assert named in page(web.post("/account/password/", form)).text
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


def test_sessions_know_whose_they_are(client, member):
    client.post("/login/", {"username": member.email, "password": PASSWORD})
    assert MemberSession.objects.get().user == member
