from __future__ import annotations

import re

import pytest
from django.core import mail as outgoing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import SignUp, User

FORM = {"role": "investor", "name": "Ada", "email": "ada@example.org", "password": "correct horse battery"}


def mailed_link():
    return re.search(r"http://testserver(\S+)", outgoing.outbox[-1].body)[1]


def test_from_the_form_to_the_first_question(client, db, page):
    assert client.post("/sign-up/", FORM)["Location"] == "/sign-up/sent/"
    assert "inbox" in page(client.get("/sign-up/sent/")).text
    link = mailed_link()
    shown = page(client.get(link))
    assert "ada@example.org is yours. One click" in shown.text
    assert "password" not in shown.fields
    assert not User.objects.exists(), "looking at the page makes no account"
    assert client.post(link)["Location"] == "/welcome/"
    assert client.session["_auth_user_id"] == str(User.objects.get(email="ada@example.org").pk)
    assert "Which markets do you back?" in page(client.get("/welcome/")).text


def test_in_another_browser_the_password_is_asked_for(client, db, page):
    client.post("/sign-up/", FORM)
    client.cookies.clear()
    link = mailed_link()
    assert "password" in page(client.get(link)).fields
    assert "not the one chosen" in page(client.post(link, {"password": "a guess"}), 422).text
    assert not User.objects.exists()
    assert client.post(link, {"password": FORM["password"]})["Location"] == "/welcome/"


def told(response):
    """Everything a visitor can see of an answer, but for tokens and times that are new each time."""
    headers = {name: value for name, value in response.headers.items() if name not in ("Content-Length", "Expires")}
    cookies = {name: sorted(morsel.items()) for name, morsel in response.cookies.items() if name != "csrftoken"}
    for values in cookies.values():
        values[:] = [(name, value) for name, value in values if name != "expires"]
    body = re.sub(r'value="[A-Za-z0-9]{64}"', "", response.content.decode())
    return response.status_code, headers, cookies, body


@pytest.mark.parametrize("form", [FORM, {**FORM, "password": "short"}, {**FORM, "role": ""}])
def test_the_answer_is_the_same_whether_or_not_there_is_an_account(client, make_user, form):
    before = told(client.post("/sign-up/", form))
    client.cookies.clear()
    make_user(email=FORM["email"])
    assert told(client.post("/sign-up/", form)) == before


def test_signing_up_costs_the_same_queries_whether_or_not_there_is_an_account(client, make_user, monkeypatch):
    """What is asked of the database beyond that happens behind the answer."""
    monkeypatch.setattr("accounts.mail.soon", lambda task: None)
    with CaptureQueriesContext(connection) as before:
        client.post("/sign-up/", FORM)
    client.cookies.clear()
    make_user(email=FORM["email"])
    with CaptureQueriesContext(connection) as after:
        client.post("/sign-up/", FORM)
    assert shapes(after) == shapes(before)


def shapes(queries):
    return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"email": "no address"}, "valid email"),
        ({"password": "short"}, "too short"),
        ({"password": "qwertyuiop"}, "too common"),
        ({"password": "ada@example.org"}, "too similar"),
        ({"role": "pirate"}, "not one of the available"),
        ({"name": ""}, "required"),
        ({"name": "a\x00b"}, "Null characters"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(client, db, page, changes, named):
    answer = page(client.post("/sign-up/", {**FORM, **changes}), 422)
    assert named in answer.text
    assert answer.fields["email"] == {**FORM, **changes}["email"]
    assert not SignUp.objects.exists()


def test_passwords_are_never_sent_back(client, db):
    response = client.post("/sign-up/", {**FORM, "email": "x"})
    assert FORM["password"] not in response.content.decode()


@pytest.mark.parametrize("token", ["nonsense", "a:b:c", "%00", "x" * 500])
def test_a_mangled_link_says_so(client, db, page, token):
    assert "no longer works" in page(client.get(f"/sign-up/{token}/"), 410).text


def test_a_link_works_once(client, db, page):
    client.post("/sign-up/", FORM)
    link = mailed_link()
    client.post(link)
    assert client.post(link)["Location"] == "/", "a second click leads on"
    client.logout()
    assert "no longer works" in page(client.get(link), 410).text


def test_members_have_no_need_of_it(web):
    assert web.get("/sign-up/")["Location"] == "/"


def test_one_address_cannot_sign_up_for_ever(client, db, page):
    answers = [client.post("/sign-up/", {**FORM, "email": f"u{n}@example.org"}).status_code for n in range(22)]
    assert answers == [302] * 20 + [429] * 2
