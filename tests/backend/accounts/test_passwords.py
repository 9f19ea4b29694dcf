from __future__ import annotations

import re

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import mail as outgoing
from django.core.exceptions import ValidationError
from rest_framework.authtoken.models import Token

from accounts.errors import WrongPasswordError
from accounts.passwords import password_change, password_prove, password_replace, password_reset_request

PASSWORD = "a long enough password"
NEW = "another one, long enough"


def address(key, token):
    return f"https://x.example/reset/{key}/{token}/"


def test_changing_it_ends_sessions_and_tokens_and_tells_the_member(client, member):
    client.force_login(member)
    Token.objects.create(user=member)
    password_change(user=member, old=PASSWORD, new=NEW, reset_address="https://x.example/reset/")
    member.refresh_from_db()
    assert member.check_password(NEW)
    assert not Token.objects.exists()
    assert client.get("/activity/").status_code == 302
    assert outgoing.outbox[-1].to == [member.email]
    assert "https://x.example/reset/" in outgoing.outbox[-1].body
    assert NEW not in outgoing.outbox[-1].body


def test_without_the_old_one_nothing_changes(member):
    with pytest.raises(WrongPasswordError):
        password_change(user=member, old="a guess", new=NEW, reset_address="")
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


@pytest.mark.parametrize("new", ["", "short", "12345678901", "Mina Member1", "password1234"])
def test_a_weak_one_is_refused(member, new):
    with pytest.raises(ValidationError) as refused:
        password_replace(user=member, new=new, reset_address="")
    assert "password" in refused.value.message_dict
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


def test_a_member_who_forgot_gets_a_link_that_works_once(member):
    password_reset_request(email=f"  {member.email.upper()} ", address=address)
    _, token = re.search(r"reset/(\S+)/(\S+)/", outgoing.outbox[-1].body).groups()
    assert default_token_generator.check_token(member, token)
    password_replace(user=member, new=NEW, reset_address="")
    assert not default_token_generator.check_token(member, token)


@pytest.mark.parametrize("email", ["nobody@example.org", "", "no address", "\x00", "x" * 5000])
def test_others_get_nothing(member, email):
    password_reset_request(email=email.replace("\x00", ""), address=address)
    assert outgoing.outbox == []


def test_a_blocked_member_gets_nothing(make_user):
    password_reset_request(email=make_user(is_active=False).email, address=address)
    assert outgoing.outbox == []


def test_who_has_no_password_proves_nothing(make_user):
    user = make_user(password=None)
    for guess in ("", "!", user.password):
        with pytest.raises(WrongPasswordError):
            password_prove(user=user, password=guess)
