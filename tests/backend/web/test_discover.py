"""Tabs, filters, search and paging as the addresses say them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from interactions.models import InteractionEvent
from recommendations.models import FeedPage

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


def titles(response):
    return re.findall(r'<h2 id="t-[^"]*"><a [^>]*>([^<]*)</a>', response.content.decode())


def link(response, label):
    """The address behind a link, as the browser reads it."""
    found = re.search(rf'<a[^>]*href="([^"]*)"[^>]*>(?:<span[^>]*>[^<]*</span>)?{label}', response.content.decode())
    return found[1].replace("&amp;", "&")


@pytest.fixture
def many(make_startup):
    """50 startups, the newest first."""
    return [
        make_startup(title=f"No {at}", positions=["Engineer"], opened_at=NOON - timedelta(hours=at)) for at in range(50)
    ]


def test_without_scripts_show_more_leads_through_all(web, many):
    response, seen = web.get("/?tab=newest"), []
    while True:
        seen += titles(response)
        if b"Show more" not in response.content:
            break
        response = web.get(f"/{link(response, 'Show more')}")
        assert b"<html" in response.content
    assert seen == [startup.title for startup in many]
    assert b"You have reached the end of this list." in response.content


def test_with_scripts_only_the_next_cards_come(web, many):
    address = link(web.get("/?tab=newest"), "Show more")
    part = web.get(f"/{address}", headers=HTMX)
    assert titles(part) == [f"No {at}" for at in range(20, 40)]
    assert b"<html" not in part.content
    assert "page=3" in link(part, "Show more")


def test_with_scripts_the_list_says_from_where_something_simpler_stands_in(web, service, recommend, member, many):
    service.answers(recommend(member, many[:20], next_cursor="c"))
    first = web.get("/")
    service.behave = service.sends(503, b"")
    second = web.get(f"/{link(first, 'Show more')}", headers=HTMX)
    third = web.get(f"/{link(second, 'Show more')}", headers=HTMX)
    marked = [b"Not your usual recommendations" in answer.content for answer in (first, second, third)]
    assert marked == [False, True, False]
    assert [len(titles(answer)) for answer in (first, second, third)] == [20, 20, 10]


def test_going_back_to_a_page_shows_the_same(web, many, make_startup):
    address = link(web.get("/?tab=newest"), "Show more")
    before = titles(web.get(f"/{address}"))
    make_startup(title="Late")
    assert titles(web.get(f"/{address}")) == before


def test_a_shared_address_begins_anew_for_another_member(web, client, make_user, many):
    address = link(web.get("/?tab=newest&category=fintech"), "Show more")
    client.force_login(make_user())
    response = client.get(f"/{address}")
    assert titles(response) == [f"No {at}" for at in range(20)]
    assert b"fintech" in response.content


def test_a_list_that_is_gone_reloads_an_open_page(web, db):
    response = web.get(f"/?list={uuid4()}&page=2", headers=HTMX)
    assert response["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=marketplace", ["market"]),
        ("category=health", ["health"]),
        ("field=payments", ["fintech"]),
        ("phase=idea", ["idea"]),
        ("stage=seed", ["seed"]),
        ("tag=open-banking", ["fintech"]),
        ("tag=Open+banking", ["fintech"]),
        ("open=on", ["fintech"]),
        ("new=7", ["fintech", "health", "idea", "market", "seed"]),
        ("q=fint", ["fintech"]),
        ("q=fint&stage=seed", []),
        (
            "type=nonsense&phase=x&new=3&open=&page=1&list=x&category=",
            ["fintech", "health", "idea", "market", "old", "seed"],
        ),
    ],
)
def test_filters(web, make_startup, query, expected):
    plain = {"category": "other", "field": ""}
    make_startup(title="fintech", category="fintech", field="payments", tags=["open-banking"], positions=["Engineer"])
    make_startup(**{**plain, "title": "health", "category": "health"})
    make_startup(**plain, title="market", type="marketplace")
    make_startup(**plain, title="idea", phase="idea")
    make_startup(**plain, title="seed", stages=["seed"])
    make_startup(**plain, title="old", opened_at=NOON - timedelta(days=900))
    response = web.get(f"/?tab=newest&{query}")
    assert sorted(titles(response)) == expected


def test_what_narrows_a_list_is_shown_and_taken_away_one_by_one(web, make_startup, page):
    make_startup(title="Solar", stages=["seed"])
    response = web.get("/?tab=newest&q=sol&stage=seed&type=marketplace")
    answer = page(response)
    assert "Nothing fits all of this" in answer.text
    assert titles(web.get(f"/{link(response, 'Marketplace')}")) == ["Solar"]
    assert link(response, "Seed") == "?tab=newest&q=sol&type=marketplace"
    assert link(response, "“sol”") == "?tab=newest&type=marketplace&stage=seed"
    assert link(response, "Clear all") == "?tab=newest"
    assert link(response, "For you") == "?q=sol&type=marketplace&stage=seed"


def test_words_of_a_query_are_data(web, make_startup):
    response = web.get("/", {"tab": "newest", "q": '"><script>alert(1)</script>', "category": "{{ 7|add:7 }}"})
    assert b"<script>alert" not in response.content
    assert b"{{ 7|add:7 }}" in response.content


@pytest.mark.parametrize(
    "query", ["q=%00", "q=" + "x" * 300, "category=%00", "tag=%ED%A0%80", "q=a\x01b", "tag=" + "%C4%B0" * 80]
)
def test_what_no_database_stores_finds_nothing_but_breaks_nothing(web, make_startup, query):
    make_startup()
    assert web.get(f"/?tab=newest&{query}").status_code == 200


def test_an_act_is_tied_to_the_place_that_led_to_it(web, many, page):
    first = web.get("/?tab=newest")
    second = page(web.get(f"/{link(first, 'Show more')}"))
    kept = FeedPage.objects.get(number=2)
    assert (second.fields["request_id"], second.fields["position"]) == (str(kept.request_id), "21")
    web.post(f"/startups/{many[20].pk}/acts/", {"type": "like", **second.fields}, headers=HTMX)
    event = InteractionEvent.objects.get()
    assert (event.recommendation_request_id, event.recommendation_position) == (kept.request_id, 21)


def test_what_was_hidden_stays_away_from_the_next_page_and_the_next_visit(web, many):
    first = web.get("/?tab=newest")
    web.post(f"/startups/{many[25].pk}/acts/", {"type": "dislike", "key": "k"}, headers=HTMX)
    assert "No 25" not in titles(web.get(f"/{link(first, 'Show more')}"))
    web.post(f"/startups/{many[0].pk}/acts/", {"type": "dislike", "key": "l"}, headers=HTMX)
    assert titles(web.get("/?tab=newest"))[0] == "No 1"


@pytest.mark.parametrize(
    "address", ["/", "/?tab=newest", "/?tab=trending", "/?q=no", "/?tab=trending&q=no&category=fintech"]
)
def test_pages_stay_small_and_ask_little(web, many, service_down, django_assert_max_num_queries, address):
    web.get("/?tab=newest")
    with django_assert_max_num_queries(18):
        response = web.get(address)
    assert len(titles(response)) == 20
    assert len(response.content) < 100_000
