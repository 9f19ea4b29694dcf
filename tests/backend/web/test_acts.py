from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from interactions.models import InteractionEvent
from interactions.selectors import interaction_list_live

HTMX = {"HX-Request": "true"}


@pytest.fixture
def address(startup):
    return f"/startups/{startup.pk}/acts/"


def live(member):
    return set(interaction_list_live(user=member).values_list("type", flat=True))


def test_an_act_without_scripts_is_recorded_and_leads_back(web, member, startup, address, page):
    request_id = uuid4()
    form = {"type": "like", "key": "k", "request_id": str(request_id), "position": "4", "next": "/activity/"}
    response = web.post(address, form)
    event = InteractionEvent.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/activity/")
    assert (event.user, event.startup, event.type) == (member, startup, "like")
    assert (event.recommendation_request_id, event.recommendation_position) == (request_id, 4)
    answer = page(web.get("/activity/"))
    assert "You liked Ledgerleaf." in answer.text


def test_with_scripts_only_the_buttons_come_back(web, address, page):
    answer = page(web.post(address, {"type": "like", "key": "k", "next": "/?show=40"}, headers=HTMX))
    assert "html" not in answer.tags
    assert ("undo", "like") in answer.buttons
    assert answer.fields["next"] == "/?show=40"
    assert answer.fields["key"] not in {"", "k"}


def test_a_double_click_is_one_act(web, address):
    for _ in range(2):
        web.post(address, {"type": "like", "key": "k"})
    assert InteractionEvent.objects.count() == 1


def test_one_rendering_of_the_buttons_can_do_different_acts(web, member, address):
    for kind in ("like", "favorite", "apply"):
        web.post(address, {"type": kind, "key": "k"})
    assert live(member) == {"like", "favorite", "apply"}


@pytest.mark.parametrize("kind", ["like", "favorite", "apply", "interest", "dislike"])
def test_every_act_can_be_taken_back(web, member, address, page, kind):
    done = page(web.post(address, {"type": kind, "key": "k"}, headers=HTMX))
    assert ("undo", kind) in done.buttons
    undone = page(web.post(address, {"undo": kind, "key": done.fields["key"]}, headers=HTMX))
    assert live(member) == set()
    assert ("undo", kind) not in undone.buttons


def test_not_interested_leaves_only_the_way_back(web, address, page):
    answer = page(web.post(address, {"type": "dislike", "key": "k"}, headers=HTMX))
    assert answer.buttons == [("undo", "dislike")]
    assert "It will not be recommended again." in answer.text


def test_liking_later_forgives_a_dislike(web, address, page):
    web.post(address, {"type": "dislike", "key": "one tab"})
    answer = page(web.post(address, {"type": "like", "key": "another tab"}, headers=HTMX))
    assert ("undo", "like") in answer.buttons


def test_taking_back_what_was_liked_in_two_tabs_leaves_nothing(web, member, address):
    for tab in ("one", "two"):
        web.post(address, {"type": "like", "key": tab})
    web.post(address, {"undo": "like", "key": "one"})
    assert live(member) == set()


def test_opening_a_page_is_a_click_and_answers_nothing(web, member, address):
    assert web.post(address, {"type": "click", "key": "k"}, headers=HTMX).status_code == 204
    assert live(member) == {"click"}


@pytest.mark.parametrize(
    "address_after", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\x"]
)
def test_an_act_never_leads_off_the_site(web, address, address_after):
    assert web.post(address, {"type": "like", "key": "k", "next": address_after})["Location"] == "/"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"key": "k"},
        {"type": "like"},
        {"type": "adore", "key": "k"},
        {"type": "like", "undo": "like", "key": "k"},
        {"type": "like", "key": "x" * 151},
        {"type": "like", "key": "a\x00b"},
    ],
)
def test_a_mangled_button_is_refused(web, address, page, form):
    page(web.post(address, form), 422)
    page(web.post(address, form, headers=HTMX), 422)
    assert not InteractionEvent.objects.exists()


@pytest.mark.parametrize(
    "origin", [{"request_id": "x"}, {"position": "3"}, {"request_id": str(uuid4()), "position": "0"}]
)
def test_a_mangled_origin_is_refused_or_left_out_but_never_recorded(web, address, origin):
    web.post(address, {"type": "like", "key": "k", **origin})
    assert not InteractionEvent.objects.exclude(recommendation_request_id=None).exists()


def test_what_cannot_be_done_is_a_sentence(web, member, make_startup, page):
    address = f"/startups/{make_startup(owner=member).pk}/acts/"
    answer = page(web.post(address, {"type": "like", "key": "k"}, headers=HTMX), 422)
    assert "is your own" in answer.text
    assert "html" not in answer.tags


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_hidden_startup_is_told_like_one_that_is_none(web, make_startup, page, headers):
    texts = [
        page(web.post(f"/startups/{startup_id}/acts/", {"type": "like", "key": "k"}, headers=headers), 404).text
        for startup_id in (uuid4(), make_startup(status="hidden").pk)
    ]
    assert texts[0] == texts[1]


def test_no_act_by_get(web, address):
    assert web.get(address, {"type": "like", "key": "k"}).status_code == 405
    assert not InteractionEvent.objects.exists()


def test_an_act_needs_the_csrf_token(member, address, page):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    answer = page(strict.post(address, {"type": "like", "key": "k"}, headers=HTMX), 403)
    assert answer.text == "This page is out of date. Reload it and try again."
    assert not InteractionEvent.objects.exists()


def test_strangers_are_sent_to_log_in_as_a_whole_page(client, address):
    plain, scripted = client.post(address), client.post(address, headers=HTMX)
    assert (plain.status_code, plain["Location"]) == (302, "/login/?next=/")
    assert scripted["HX-Redirect"] == "/login/"
    assert not InteractionEvent.objects.exists()
