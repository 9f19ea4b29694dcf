from __future__ import annotations

import json

from accounts.models import User
from startups.models import Startup

PASSWORD = "a long enough password"


def test_a_member_takes_their_data_along(web, member, startup, make_event):
    make_event(member, startup, "like")
    answer = web.get("/account/export/")
    assert "attachment" in answer["Content-Disposition"]
    assert "private" in answer["Cache-Control"]
    told = json.loads(answer.content)
    assert told["account"]["email"] == member.email
    assert told["interactions"][0]["startup"] == startup.title


def test_leaving_needs_the_password_and_ends_the_session(web, member, page):
    assert "not your password" in page(web.post("/account/leave/", {"password": "a guess"}), 422).text
    assert User.objects.filter(pk=member.pk).exists()
    assert web.post("/account/leave/", {"password": PASSWORD})["Location"] == "/login/"
    assert not User.objects.filter(pk=member.pk).exists()
    assert "Your account is gone" in page(web.get("/login/")).text
    assert web.get("/account/").status_code == 302


def test_looking_at_it_deletes_nobody(web, member):
    web.get("/account/leave/?password=" + PASSWORD)
    assert User.objects.filter(pk=member.pk).exists()


def test_founders_say_what_becomes_of_their_startups(web, member, make_startup, page):
    startup = make_startup(owner=member, title="Ledgerleaf")
    assert "Ledgerleaf" in page(web.get("/account/leave/")).text
    web.post("/account/leave/", {"password": PASSWORD, "startups": "close"})
    startup.refresh_from_db()
    assert (startup.status, startup.owner) == ("closed", None)


def test_removing_them_is_a_choice(web, member, make_startup):
    make_startup(owner=member)
    web.post("/account/leave/", {"password": PASSWORD, "startups": "remove"})
    assert not Startup.objects.exists()


def test_an_unknown_choice_deletes_nobody(web, member, page):
    assert (
        "not one of the available"
        in page(web.post("/account/leave/", {"password": PASSWORD, "startups": "sell"}), 422).text
    )
    assert User.objects.filter(pk=member.pk).exists()


def test_the_recommender_is_told(web, member, make_startup, monkeypatch):
    told = []
    monkeypatch.setattr("recommendations.member_parts.startup_publish", lambda **what: told.append(what))
    monkeypatch.setattr("recommendations.member_parts.member_publish", lambda **who: told.append(who))
    startup, member_id = make_startup(owner=member), member.pk
    web.post("/account/leave/", {"password": PASSWORD})
    assert told == [{"startup_id": startup.pk}, {"user_id": member_id}]
