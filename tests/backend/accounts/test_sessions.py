from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.sessions import session_list_live

PASSWORD = "a long enough password"


@pytest.fixture
def browsers(member):
    """Three in which the member is logged in."""
    found = [Client() for _ in range(3)]
    for browser in found:
        browser.force_login(member)
    return found


def test_where_a_member_was_logged_in_is_not_where_they_are(member, browsers):
    assert len(session_list_live(user=member)) == 3
    member.sessions.filter(pk=browsers[2].session.session_key).update(expire_date=timezone.now() - timedelta(days=1))
    assert len(session_list_live(user=member)) == 2
    assert b"you are logged in on 2 devices" in browsers[0].get("/account/").content


def test_a_new_password_leaves_one_device(member, browsers):
    sent = {"old": PASSWORD, "password": "quite another long one"}
    answer = browsers[0].post("/account/password/", sent, follow=True)
    assert b"You were logged out everywhere else." in answer.content
    assert b"you are logged in on" not in answer.content
    member.refresh_from_db()
    assert len(session_list_live(user=member)) == 1
    assert browsers[1].get("/account/").status_code == 302
