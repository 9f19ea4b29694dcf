"""Moving an account to another address: proved by the password, confirmed by its reader, silent about others."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail as outgoing
from django.test import Client
from django.utils import timezone

from accounts.email_change import email_change_find, email_change_token
from accounts.errors import EmailChangeGoneError
from accounts.models import User
from accounts.services import user_set_password

PASSWORD = "a long enough password"
NEW = "new@example.org"


def ask(web, email=NEW, password=PASSWORD):
    return web.post("/account/email/", {"email": email, "password": password}, follow=True)


def link(message):
    return re.search(r"http://testserver(/account/email/\S+)", message.body)[1]


def test_the_reader_of_the_new_address_moves_the_account(web, member, page):
    old = member.email
    text = page(ask(web, "New@Example.org")).text
    assert "Look into the inbox of the new address" in text
    (message,) = outgoing.outbox
    assert message.to == [NEW]
    confirm = page(web.get(link(message)))
    assert f"moves from {old} to {NEW}" in confirm.text
    member.refresh_from_db()
    assert member.email == old
    text = page(web.post(link(message), follow=True)).text
    assert f"Your account now belongs to {NEW}" in text
    assert [sent.to for sent in outgoing.outbox[1:]] == [[old]]
    assert NEW in outgoing.outbox[1].body
    elsewhere = Client()
    assert elsewhere.post("/login/", {"username": old, "password": PASSWORD}).status_code == 200
    assert elsewhere.post("/login/", {"username": NEW, "password": PASSWORD}).status_code == 302


def test_without_the_password_nothing_is_sent(web, member, page):
    answer = ask(web, password="another one")
    assert "That is not your password." in page(answer, 422).text
    assert outgoing.outbox == []


@pytest.mark.parametrize("bad", ["", "no address", "a b@example.org", "a" * 250 + "@example.org"])
def test_what_is_no_address_is_refused(web, bad):
    assert ask(web, bad).status_code == 422
    assert outgoing.outbox == []


def test_ones_own_address_is_refused(web, member, page):
    assert "That is your address already." in page(ask(web, member.email.upper()), 422).text


def test_an_address_with_an_account_is_answered_like_any_other(web, member, make_user):
    other = make_user(email="taken@example.org")
    free, taken = ask(web), ask(web, other.email)
    without_tokens = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
    assert without_tokens.sub(b"", free.content) == without_tokens.sub(b"", taken.content)
    assert free.redirect_chain == taken.redirect_chain
    assert [sent.to for sent in outgoing.outbox] == [[NEW], [other.email]]
    assert ["/account/email/" in sent.body for sent in outgoing.outbox] == [True, False]


def gone(web, address, page):
    for ask_for in (web.get, web.post):
        assert "That is over" in page(ask_for(address), 410).text


def test_a_link_works_once(web, member, page):
    ask(web)
    address = link(outgoing.outbox[0])
    web.post(address)
    gone(web, address, page)


def test_a_newer_address_or_password_ends_older_links(web, member, page):
    first, second = (f"/account/email/{email_change_token(user=member, email=f'{n}@example.org')}/" for n in (1, 2))
    web.post(second)
    gone(web, first, page)
    member.refresh_from_db()
    third = f"/account/email/{email_change_token(user=member, email=NEW)}/"
    user_set_password(user=member, password="another one, long enough")
    web.force_login(member)
    gone(web, third, page)


def test_a_link_is_for_its_member_and_for_a_day(web, member, make_user, page, monkeypatch):
    gone(web, f"/account/email/{email_change_token(user=make_user(), email=NEW)}/", page)
    gone(web, "/account/email/mangled/", page)
    token = email_change_token(user=member, email=NEW)
    assert email_change_find(user=member, token=token) == NEW
    later = (timezone.now() + timedelta(days=1, minutes=1)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    with pytest.raises(EmailChangeGoneError, match="too old"):
        email_change_find(user=member, token=token)


def test_an_address_taken_meanwhile_stays_with_who_took_it(web, member, make_user, page):
    address = f"/account/email/{email_change_token(user=member, email=NEW)}/"
    other = make_user(email=NEW)
    assert "The address has an account by now." in page(web.post(address), 410).text
    assert User.objects.get(email=NEW) == other
    assert member.email in page(web.get("/account/")).text


def test_a_stranger_logs_in_first_and_comes_back(client, member):
    address = f"/account/email/{email_change_token(user=member, email=NEW)}/"
    assert client.get(address)["Location"] == f"/login/?next={address.replace(':', '%3A')}"


def test_asking_again_and_again_is_slowed_down(web, member):
    assert [ask(web, password="wrong").status_code for _ in range(11)][-1] == 429
