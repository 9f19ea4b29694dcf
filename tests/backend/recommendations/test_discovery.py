from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.db import connection

from contracts.api import PairScore, PairScores, Problem, StartupFilters
from recommendations.discovery import DiscoverQuery, discover_first_page, discover_next_page
from recommendations.errors import ListGoneError
from recommendations.models import FeedPage, Surface
from recommendations.personalisation import personalisation_change

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NEWEST = DiscoverQuery(tab=Surface.NEWEST)


def shown(page):
    return [item["startup"] for item in page.items]


def keys(startups):
    return [str(startup.pk) for startup in startups]


def asked(service, at=-1):
    return parse_qs(urlsplit(service.paths[at]).query)


@pytest.fixture
def many(make_startup):
    """50 startups, the newest first, of nobody."""
    return [make_startup(opened_at=NOON - timedelta(hours=hours)) for hours in range(50)]


def pages_of(user, first):
    """All pages of a list."""
    pages = [first]
    while pages[-1].has_more:
        pages.append(discover_next_page(user=user, list_id=first.list_id, number=pages[-1].number + 1))
    return pages


def test_a_list_goes_on_without_repeating_and_ends(member, many):
    pages = pages_of(member, discover_first_page(user=member, query=NEWEST))
    assert [len(page.items) for page in pages] == [20, 20, 10]
    assert [key for page in pages for key in shown(page)] == keys(many)
    assert [item["position"] for page in pages for item in page.items] == list(range(1, 51))


def test_a_startup_that_opens_meanwhile_repeats_nothing(member, many, make_startup):
    first = discover_first_page(user=member, query=NEWEST)
    late = make_startup(opened_at=NOON + timedelta(hours=1))
    second = discover_next_page(user=member, list_id=first.list_id, number=2)
    assert not set(shown(first)) & set(shown(second))
    assert shown(second)[0] == str(late.pk)


def test_the_same_page_again_is_the_same_page(member, many, make_startup):
    first = discover_first_page(user=member, query=NEWEST)
    second = discover_next_page(user=member, list_id=first.list_id, number=2)
    make_startup(opened_at=NOON + timedelta(hours=1))
    assert discover_next_page(user=member, list_id=first.list_id, number=2) == second
    assert FeedPage.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_ask_at_once_get_one_page(member, many):
    first = discover_first_page(user=member, query=NEWEST)
    together, answers = threading.Barrier(2, timeout=10), []

    def ask():
        together.wait()
        answers.append(discover_next_page(user=member, list_id=first.list_id, number=2))
        connection.close()

    tabs = [threading.Thread(target=ask) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(20)
    assert len({page.pk for page in answers}) == 1
    assert FeedPage.objects.count() == 2


def test_a_list_of_another_or_a_page_too_far_is_gone(member, make_user, many):
    first = discover_first_page(user=member, query=NEWEST)
    for user, list_id, number in [(make_user(), first.list_id, 2), (member, first.list_id, 4), (member, uuid4(), 2)]:
        with pytest.raises(ListGoneError):
            discover_next_page(user=user, list_id=list_id, number=number)


def test_what_narrowed_the_first_page_narrows_the_next(member, many, make_startup):
    health = [make_startup(category="health", opened_at=NOON - timedelta(days=9, hours=at)) for at in range(25)]
    query = DiscoverQuery(
        tab=Surface.NEWEST, filters=StartupFilters(category="health", created_after=NOON - timedelta(99))
    )
    pages = pages_of(member, discover_first_page(user=member, query=query))
    assert [key for page in pages for key in shown(page)] == keys(health)


def test_the_services_list_goes_on_by_its_cursor(service, recommend, member, many):
    service.answers(recommend(member, many[:20], next_cursor="c1"))
    first = discover_first_page(user=member, query=DiscoverQuery())
    service.answers(recommend(member, many[20:30], exhausted=True))
    second = discover_next_page(user=member, list_id=first.list_id, number=2)
    assert asked(service) == {"cursor": ["c1"], "limit": ["20"]}
    assert shown(second) == keys(many[20:30])
    assert not second.has_more
    assert (first.engine, first.model_version, first.rung, first.surface) == (
        "two_tower", "two_tower_v7", "two_tower", "for_you"
    )  # fmt: skip


def test_filters_reach_the_service(service, recommend, member):
    service.answers(recommend(member, []))
    filters = StartupFilters(category="fintech", has_open_positions=True, created_after=NOON)
    discover_first_page(user=member, query=DiscoverQuery(filters=filters))
    assert asked(service) == {
        "limit": ["20"],
        "category": ["fintech"],
        "has_open_positions": ["true"],
        "created_after": ["2026-01-01T12:00:00Z"],
    }


def test_a_list_that_the_service_forgot_begins_anew_without_what_was_shown(service, recommend, member, many):
    service.answers(recommend(member, many[:20], next_cursor="c1"))
    first = discover_first_page(user=member, query=DiscoverQuery())
    gone = Problem(title="Gone", status=410, detail="no longer kept").model_dump_json().encode()
    anew = recommend(member, many[10:30]).model_dump_json().encode()

    def behave(handler):
        service.sends(410, gone)(handler) if "cursor" in handler.path else service.sends(200, anew)(handler)

    service.behave = behave
    second = discover_next_page(user=member, list_id=first.list_id, number=2)
    assert set(asked(service)["exclude"]) == set(shown(first))
    assert shown(second) == keys(many[20:30])  # even though the answer repeats


def test_after_an_act_the_next_page_is_of_a_new_list(service, recommend, member, many, make_event):
    service.answers(recommend(member, many[:20], next_cursor="c1"))
    first = discover_first_page(user=member, query=DiscoverQuery())
    make_event(member, many[3], "like")
    service.answers(recommend(member, many[30:50]))
    second = discover_next_page(user=member, list_id=first.list_id, number=2)
    assert "cursor" not in asked(service)
    assert shown(second) == keys(many[30:50])


def test_a_slow_service_makes_a_page_short_but_not_late(service, recommend, member, make_user, make_startup):
    owner = make_user()
    flood = recommend(member, [make_startup(owner=owner) for _ in range(5)], next_cursor="c")

    def slowly(handler):
        time.sleep(0.3)
        service.sends(200, flood.model_dump_json().encode())(handler)

    service.behave = slowly
    page = discover_first_page(user=member, query=DiscoverQuery())
    assert (len(page.items), page.next_cursor, page.has_more) == (2, "c", True)
    assert len(service.paths) <= 2  # of the six that it may be asked; half a second is the deadline


def test_a_page_that_the_bounds_emptied_is_filled_from_the_same_list(
    service, recommend, member, make_user, make_startup, many
):
    owner = make_user()
    flood = [make_startup(owner=owner) for _ in range(20)]
    service.answers(recommend(member, flood, next_cursor="c1"))
    answers = [recommend(member, flood, next_cursor="c1"), recommend(member, many[:18], next_cursor="c2")]
    service.behave = lambda handler: service.sends(200, answers.pop(0).model_dump_json().encode())(handler)
    page = discover_first_page(user=member, query=DiscoverQuery())
    assert shown(page) == keys([*flood[:2], *many[:18]])
    assert page.next_cursor == "c2"
    assert asked(service) == {"cursor": ["c1"], "limit": ["18"]}


@pytest.mark.parametrize("tab", [Surface.NEWEST, Surface.TRENDING])
def test_a_flood_by_one_owner_takes_two_places_of_a_page(member, make_user, make_startup, many, tab):
    owner = make_user()
    flood = [make_startup(owner=owner, opened_at=NOON + timedelta(hours=1)) for _ in range(100)]
    page = discover_first_page(user=member, query=DiscoverQuery(tab=tab))
    assert len(page.items) == 20
    assert len(set(shown(page)) & set(keys(flood))) == 2


def test_repeated_acts_of_one_member_make_no_trend(member, make_user, make_startup, make_event):
    flooded, liked = make_startup(opened_at=NOON), make_startup(opened_at=NOON)
    fan = make_user()
    for _ in range(50):
        make_event(fan, flooded, "like")
    for _ in range(2):
        make_event(make_user(), liked, "like")
    page = discover_first_page(user=member, query=DiscoverQuery(tab=Surface.TRENDING))
    assert shown(page) == keys([liked, flooded])


@pytest.fixture
def scored(service, member):
    """`scored({startup: score})`: the service scores so."""

    def answer(scores, **changes):
        values = {"request_id": uuid4(), "model_version": None, "degraded": False, "generated_at": NOON}
        pairs = [
            PairScore(user_id=member.pk, startup_id=startup.pk, score=score, engine="als")
            for startup, score in scores.items()
        ]
        service.answers(PairScores(scores=pairs, **{**values, **changes}))

    return answer


def test_a_search_is_in_the_members_order_names_first(scored, service, member, make_startup):
    text_best, name_low, name_high, unscored = (
        make_startup(description="about solar"), make_startup(title="Solar"), make_startup(title="Solar"),
        make_startup(title="Solar"),
    )  # fmt: skip
    make_startup(title="Lunar")
    scored({text_best: 9.0, name_low: 1.0, name_high: 2.0, unscored: None})
    page = discover_first_page(user=member, query=DiscoverQuery(text="solar"))
    assert shown(page) == keys([name_high, name_low, unscored, text_best])
    assert (page.surface, page.engine, service.paths) == ("search", "search_personal", ["/v1/scores"])


def test_a_search_without_the_service_says_so_and_finds_the_same(service_down, member, make_startup):
    startup = make_startup(title="Solar")
    page = discover_first_page(user=member, query=DiscoverQuery(text="solar"))
    assert shown(page) == keys([startup])
    assert page.degraded_reason == "the recommendation service is unreachable"


def test_a_search_can_be_by_time_or_by_popularity(member, make_user, make_startup, make_event):
    old, new = (make_startup(title="Solar", opened_at=NOON + timedelta(days=day)) for day in (0, 1))
    make_event(make_user(), old, "like")
    for tab, order in [(Surface.NEWEST, [new, old]), (Surface.TRENDING, [old, new])]:
        assert shown(discover_first_page(user=member, query=DiscoverQuery(tab=tab, text="solar"))) == keys(order)


def test_who_turned_it_off_gets_what_everybody_gets_and_the_service_is_not_asked(
    service, member, make_user, make_startup, make_event
):
    popular, hidden = make_startup(opened_at=NOON - timedelta(days=9)), make_startup()
    newest = make_startup(title="Solar")
    make_event(make_user(), popular, "like")
    make_event(member, hidden, "dislike")
    personalisation_change(user=member, is_personalised=False)
    page = discover_first_page(user=member, query=DiscoverQuery())
    assert shown(page) == keys([popular, newest])
    assert page.degraded_reason == ""
    assert shown(discover_first_page(user=member, query=DiscoverQuery(text="solar"))) == keys([newest])
    assert service.paths == []


def test_the_acts_of_who_turned_it_off_make_nothing_popular(member, make_user, make_startup, make_event):
    liked, newer = make_startup(opened_at=NOON - timedelta(days=9)), make_startup()
    private = make_user()
    make_event(private, liked, "like")
    personalisation_change(user=private, is_personalised=False)
    page = discover_first_page(user=member, query=DiscoverQuery(tab=Surface.TRENDING))
    assert shown(page) == keys([newer, liked])
