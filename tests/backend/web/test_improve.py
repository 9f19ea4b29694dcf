from __future__ import annotations

import pytest
from django.urls import reverse

from recommendations.personalisation import personalisation_change
from recommendations.selectors import recommendation_settings

PAGE = "/recommendations/"


@pytest.fixture
def member(make_user):
    return make_user(
        profile={"skills": ["python"]}, preferences={"categories": ["fintech", "health"], "tags": ["open-banking"]}
    )


def test_it_shows_what_is_believed_with_a_way_to_remove_each(web, member, make_startup, make_event, page):
    liked, hidden, opened = (make_startup(title=title) for title in ("Liked", "Hidden", "Opened"))
    make_event(member, liked, "like")
    make_event(member, liked, "click")
    make_event(member, hidden, "like")
    make_event(member, hidden, "dislike")
    make_event(member, opened, "click")
    answer = page(web.get(PAGE))
    for term in ("fintech", "health", "open-banking", "python"):
        assert ("term", term) in answer.buttons
    assert [button for button in answer.buttons if button[0] == "undo"] == [
        ("undo", "like"), ("undo", "dislike"), ("undo", "click")
    ]  # fmt: skip
    assert answer.text.index("Liked") < answer.text.index("Not interested") < answer.text.index("Only looked at")


def test_what_the_bio_names_is_shown_with_the_way_to_change_it(web, member, page):
    assert "Named in your bio" not in page(web.get(PAGE)).text
    member.profile.bio = "Travel, and train travel above all."
    member.profile.save()
    answer = page(web.get(PAGE))
    named = answer.text.lower().partition("named in your bio")[2]
    assert named.index("travel") < named.index("train travel") < named.index("edit your bio")
    assert ("term", "travel") not in answer.buttons
    assert reverse("web:profile") in answer.links


@pytest.mark.parametrize(
    ("kind", "term"), [("categories", "fintech"), ("own_skills", "python"), ("tags", "open-banking")]
)
def test_a_term_is_removed_and_again_is_harmless(web, member, page, kind, term):
    for _ in range(2):
        response = web.post(f"{PAGE}remove/", {"kind": kind, "term": term}, follow=True)
        assert ("term", term) not in page(response).buttons
    member.refresh_from_db()
    left = [*member.preferences.categories, *member.preferences.tags, *member.profile.skills]
    assert sorted([*left, term]) == ["fintech", "health", "open-banking", "python"]


@pytest.mark.parametrize("kind", ["", "password", "user_id", "__class__"])
def test_only_beliefs_can_be_removed(web, page, kind):
    assert "no kind of terms" in page(web.post(f"{PAGE}remove/", {"kind": kind, "term": "x"}), 422).text


def test_an_act_is_removed_from_there(web, member, startup, make_event, page):
    make_event(member, startup, "like")
    web.post(f"/startups/{startup.pk}/acts/", {"undo": "like", "key": "k", "next": PAGE})
    assert startup.title not in page(web.get(PAGE)).text.replace("Taken back: Ledgerleaf.", "")


def test_an_application_is_not_withdrawn_in_passing(web, member, startup, make_event, page):
    make_event(member, startup, "apply")
    answer = page(web.get(PAGE))
    assert ("undo", "apply") not in answer.buttons
    assert "/activity/?tab=applied" in answer.links


def test_who_told_nothing_is_helped(client, make_user, page):
    client.force_login(make_user())
    assert "We know nothing yet" in page(client.get(PAGE)).text


def test_the_switch(web, member, service, startup, page):
    answer = page(web.post(f"{PAGE}personal/", {"personal": "off"}, follow=True))
    assert "You see the same lists as everybody." in answer.text
    assert not recommendation_settings(user=member).is_personalised
    feed = web.get("/")
    assert "Personal recommendations are off" in page(feed).text
    assert b"impressions.js" not in feed.content
    assert b"data-seen" not in feed.content
    assert service.paths == []
    web.post(f"{PAGE}personal/", {"personal": "on"})
    assert recommendation_settings(user=member).is_personalised


def test_a_mangled_switch_changes_nothing(web, member, page):
    page(web.post(f"{PAGE}personal/", {"personal": "maybe"}), 422)
    assert recommendation_settings(user=member).is_personalised


def test_no_change_by_get(web):
    for address in ("personal/", "remove/"):
        assert web.get(f"{PAGE}{address}").status_code == 405


def test_what_one_decides_is_ones_own(member, make_user):
    other = make_user()
    personalisation_change(user=member, is_personalised=False)
    assert recommendation_settings(user=other).is_personalised
