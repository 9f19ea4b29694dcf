from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail as outgoing
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import SignUpGoneError, WrongPasswordError
from accounts.models import Preferences, Profile, SignUp, User
from accounts.sign_up import SignUpAddresses, sign_up_confirm, sign_up_request, sign_up_token

pytestmark = pytest.mark.django_db

PASSWORD = "quite a long one, isn't it"
ADDRESSES = SignUpAddresses(
    confirm=lambda token: f"https://x.example/confirm/{token}/",
    login="https://x.example/login/",
    reset="https://x.example/reset/",
)


def request(**changes):
    values = {"email": "ada@example.org", "name": "Ada", "role": "investor", "password": PASSWORD}
    return sign_up_request(**{**values, **changes}, addresses=ADDRESSES)


def mailed_token():
    return re.search(r"confirm/(\S+)/", outgoing.outbox[-1].body)[1]


def test_the_account_is_made_once_the_mailed_link_is_followed():
    request(email="Ada@Example.org")
    assert not User.objects.exists()
    assert outgoing.outbox[-1].to == ["ada@example.org"]
    user = sign_up_confirm(token=mailed_token(), password=PASSWORD, started_here=None)
    assert (user.email, user.name, user.role) == ("ada@example.org", "Ada", "investor")
    assert user.check_password(PASSWORD)
    assert Profile.objects.filter(user=user).exists()
    assert Preferences.objects.filter(user=user).exists()
    assert not SignUp.objects.exists()


def test_the_address_of_a_member_is_told_in_its_inbox_only(make_user):
    member = make_user(email="ada@example.org")
    request()
    letter = outgoing.outbox[-1]
    assert letter.to == [member.email]
    assert "already have" in letter.subject
    assert ADDRESSES.login in letter.body
    assert ADDRESSES.reset in letter.body
    assert "confirm/" not in letter.body
    member.refresh_from_db()
    assert not member.check_password(PASSWORD)


def test_what_a_member_typed_is_not_kept(make_user):
    make_user(email="ada@example.org")
    kept = request()
    kept.refresh_from_db()
    assert kept.password.startswith("!")


def test_the_names_of_strangers_travel_in_no_mail():
    request(name="Win money at https://evil.example")
    assert "evil.example" not in outgoing.outbox[-1].body + outgoing.outbox[-1].subject


def test_following_somebody_elses_link_opens_nothing():
    """Who signs up with another's address and waits for them to follow the link knows a password they do not."""
    request()
    for password in ("", "a guess", None):
        with pytest.raises(WrongPasswordError):
            sign_up_confirm(token=mailed_token(), password=password, started_here=None)
    assert not User.objects.exists()


def test_where_it_was_begun_no_password_is_asked_for():
    begun = request()
    assert sign_up_confirm(token=mailed_token(), password=None, started_here=begun.pk).email == begun.email


def test_another_sign_up_begun_here_does_not_stand_in_for_the_password():
    other = request(email="eve@example.org")
    request()
    with pytest.raises(WrongPasswordError):
        sign_up_confirm(token=mailed_token(), password=None, started_here=other.pk)


def test_a_link_works_once():
    request()
    token = mailed_token()
    sign_up_confirm(token=token, password=PASSWORD, started_here=None)
    with pytest.raises(SignUpGoneError, match="used already"):
        sign_up_confirm(token=token, password=PASSWORD, started_here=None)


def test_of_two_sign_ups_of_one_address_one_becomes_the_account(make_user):
    first, second = request(), request(password=PASSWORD + " too")
    tokens = [sign_up_token(first), sign_up_token(second)]
    sign_up_confirm(token=tokens[1], password=PASSWORD + " too", started_here=None)
    with pytest.raises(SignUpGoneError):
        sign_up_confirm(token=tokens[0], password=PASSWORD, started_here=None)
    assert User.objects.count() == 1


def test_an_address_taken_meanwhile_makes_no_second_account(make_user):
    request()
    make_user(email="ada@example.org")
    with pytest.raises(SignUpGoneError, match="by now"):
        sign_up_confirm(token=mailed_token(), password=PASSWORD, started_here=None)


def test_of_two_clicks_at_once_one_makes_the_account(make_user, monkeypatch):
    """The other finds nobody of that address, and the database refuses what it then writes."""
    request()
    make_user(email="ada@example.org")
    monkeypatch.setattr("accounts.services.validate_record", lambda record: None)
    with pytest.raises(SignUpGoneError, match="by now"):
        sign_up_confirm(token=mailed_token(), password=PASSWORD, started_here=None)
    assert User.objects.count() == 1


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00"])
def test_a_mangled_link_is_refused(token):
    with pytest.raises(SignUpGoneError):
        sign_up_confirm(token=token, password=PASSWORD, started_here=None)


def test_a_link_of_yesterday_is_refused_and_old_sign_ups_are_forgotten(monkeypatch):
    old = request()
    token = mailed_token()
    monkeypatch.setattr("accounts.sign_up.LINK_LIFE", timedelta(0))
    with pytest.raises(SignUpGoneError):
        sign_up_confirm(token=token, password=PASSWORD, started_here=None)
    monkeypatch.undo()
    SignUp.objects.filter(pk=old.pk).update(requested_at=timezone.now() - timedelta(days=2))
    monkeypatch.setattr("accounts.mail.soon", lambda task: None)
    request(email="eve@example.org")
    assert list(SignUp.objects.values_list("email", flat=True)) == ["eve@example.org"]


def test_nobodys_inbox_is_filled():
    for _ in range(5):
        request()
    assert len(outgoing.outbox) == 3


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"email": "no address"}, "email"),
        ({"email": ""}, "email"),
        ({"role": "pirate"}, "role"),
        ({"role": ""}, "role"),
        ({"name": "x" * 151}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "password123456"}, "password"),
        ({"password": "1234567890123"}, "password"),
        ({"password": "ada@example.org"}, "password"),
    ],
)
def test_a_refused_value_is_named_and_nothing_is_mailed(make_user, changes, named):
    """Whether or not the address has an account."""
    for _ in range(2):
        with pytest.raises(ValidationError) as refused:
            request(**changes)
        assert named in refused.value.message_dict
        assert not SignUp.objects.exists()
        assert outgoing.outbox == []
        if not User.objects.exists():
            make_user(email="ada@example.org")
