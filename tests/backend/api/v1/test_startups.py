from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
URL = "/api/v1/startups/"


def titles(response):
    assert response.status_code == 200, response.content
    return [startup["title"] for startup in response.json()["results"]]


def cursor_of(time):
    """A cursor as ours are made, of a time that we would not make."""
    return base64.urlsafe_b64encode(json.dumps([time, str(UUID(int=1))]).encode()).decode().rstrip("=")


def walk(api, limit, **filters):
    """All titles, page by page."""
    found, cursor = [], None
    while True:
        page = api.get(URL, {"limit": limit, **filters, **({"cursor": cursor} if cursor else {})})
        found += titles(page)
        assert len(titles(page)) <= limit
        cursor = page.json()["next"]
        if cursor is None:
            return found


def test_a_startup_reads_as_members_see_it(api, make_startup):
    startup = make_startup(
        title="Solaris",
        description="Sun.",
        type="marketplace",
        category="energy",
        field="solar",
        phase="launched",
        stages=["seed"],
        tags=["climate"],
        city="Berlin",
        country="DEU",
        founded_on=date(2020, 2, 29),
        opened_at=NOON,
        positions=["Engineer"],
    )
    engineer = startup.positions.get()
    startup.positions.create(title="Closed position", is_active=False)
    assert api.get(f"{URL}{startup.pk}/").json() == {
        "id": str(startup.pk),
        "title": "Solaris",
        "description": "Sun.",
        "type": "marketplace",
        "category": "energy",
        "field": "solar",
        "phase": "launched",
        "stages": ["seed"],
        "tags": ["climate"],
        "location": {"country": "DEU", "state": "", "region": "", "city": "Berlin"},
        "positions": [{"id": engineer.pk, "title": "Engineer", "requirements": ""}],
        "founded_on": "2020-02-29",
        "opened_at": "2026-01-01T12:00:00Z",
    }


@pytest.mark.parametrize("status", ["hidden", "sold", "closed"])
def test_an_invisible_startup_is_not_there(api, make_startup, check_problem, status):
    startup = make_startup(status=status)
    assert titles(api.get(URL)) == []
    check_problem(api.get(f"{URL}{startup.pk}/"), 404, f"no active startup {startup.pk}")


def test_an_unknown_startup_is_not_there(api, check_problem):
    check_problem(api.get(f"{URL}{uuid4()}/"), 404)
    check_problem(api.get(f"{URL}{uuid4()}/similar/"), 404)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["C", "B", "A"]),
        ({"type": "marketplace"}, ["A"]),
        ({"category": "energy"}, ["B", "A"]),
        ({"field": "solar"}, ["A"]),
        ({"phase": "idea"}, ["B"]),
        ({"stage": "seed"}, ["C", "A"]),
        ({"tag": "climate"}, ["B", "A"]),
        ({"tag": "clim"}, []),
        ({"tag": '50% "off", o\'clock'}, ["C"]),
        ({"tag": "climate", "category": "energy", "stage": "seed"}, ["A"]),
        ({"category": "Energy"}, []),
    ],
)
def test_filters_combine_and_match_exactly(api, make_startup, filters, expected):
    day = timedelta(days=1)
    make_startup(
        title="A", type="marketplace", category="energy", field="solar", stages=["seed", "series-a"], tags=["climate"],
        opened_at=NOON,
    )  # fmt: skip
    make_startup(title="B", category="energy", field="wind", phase="idea", tags=["x", "climate"], opened_at=NOON + day)
    make_startup(title="C", stages=["seed"], tags=['50% "off", o\'clock'], opened_at=NOON + 2 * day)
    assert titles(api.get(URL, filters)) == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_hold_everything_once_even_where_all_opened_at_the_same_moment(api, make_startup, limit):
    made = {make_startup(opened_at=NOON).title for _ in range(4)}
    made |= {make_startup(opened_at=NOON + timedelta(seconds=n)).title for n in (1, 1, 2)}
    found = walk(api, limit)
    assert len(found) == len(set(found)) == 7
    assert set(found) == made


def test_paging_keeps_filters_and_is_not_disturbed_by_newcomers(api, make_startup):
    for n in range(3):
        make_startup(title=f"kept {n}", category="energy", opened_at=NOON + timedelta(days=n))
        make_startup(category="other", opened_at=NOON + timedelta(days=n))
    first = api.get(URL, {"limit": 1, "category": "energy"})
    make_startup(title="newcomer", category="energy", opened_at=NOON + timedelta(days=9))
    second = api.get(URL, {"limit": 5, "category": "energy", "cursor": first.json()["next"]})
    assert titles(first) + titles(second) == ["kept 2", "kept 1", "kept 0"]


def test_the_number_of_queries_does_not_grow_with_the_page(api, make_startup, django_assert_max_num_queries):
    for _ in range(10):
        make_startup(positions=["Engineer"])
    with django_assert_max_num_queries(2):
        assert len(titles(api.get(URL))) == 10


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("type=shop", ["type: 'shop' is not one of: marketplace, collaboration."]),
        ("phase=later", ["phase: 'later' is not one of: idea, prototype, launched, growing, established."]),
        ("limit=0", ["limit: Expected a whole number from 1 to 100."]),
        ("limit=101", ["from 1 to 100"]),
        ("limit=ten", ["from 1 to 100"]),
        (f"limit={'9' * 5000}", ["from 1 to 100"]),
        ("category=" + "x" * 81, ["category", "80 characters"]),
        ("tag=%00", ["tag: Null characters are not allowed."]),
        (
            "colour=red",
            ["'colour' is unknown; allowed: type, category, field, phase, stage, tag,", "search, limit, cursor."],
        ),
        ("tag=a&tag=b", ["'tag' is given more than once."]),
        ("cursor=zzz", ["cursor: Not a cursor of this list"]),
        ("cursor=%C3%BC", ["cursor"]),
        ("cursor=W10", ["cursor"]),
        ("cursor=WyIyMDI2LTAxLTAxIiwgIjEiXQ", ["cursor"]),
        ("cursor=" + "W1tb" * 50, ["cursor"]),
        (f"cursor={cursor_of('0001-01-01T00:00:00+14:00')}", ["cursor: Not a cursor of this list"]),
        (f"cursor={cursor_of('9999-12-31T23:59:59-14:00')}", ["cursor: Not a cursor of this list"]),
    ],
)
def test_a_bad_query_is_refused_with_what_is_allowed(api, check_problem, query, parts):
    check_problem(api.get(f"{URL}?{query}"), 422, *parts)


def test_similar_startups_come_from_the_service(api, service, similar_to, startup, make_startup):
    other = make_startup(title="Alike")
    service.answers(similar_to(startup, [other]))
    body = api.get(f"{URL}{startup.pk}/similar/?limit=5").json()
    assert [place["startup"]["title"] for place in body["results"]] == ["Alike"]
    assert (body["degraded"], body["engine"], body["rung"]) == (False, "content_based", None)


def test_a_search_finds_words_best_first_within_the_filters(api, make_startup, check_problem):
    make_startup(title="Sailing", description="solar boats", category="travel")
    make_startup(title="Solar Roofs", category="energy")
    make_startup(title="Wind Walls")
    assert titles(api.get(URL, {"search": "solar"})) == ["Solar Roofs", "Sailing"]
    assert titles(api.get(URL, {"search": "solar", "category": "travel"})) == ["Sailing"]
    assert titles(api.get(URL, {"search": "solar", "limit": 1})) == ["Solar Roofs"]
    check_problem(api.get(URL, {"search": "solar", "cursor": "abc"}), 422, "A search is one page")


def test_open_positions_and_age_filter(api, make_startup):
    make_startup(title="Hiring", positions=["Cook"], opened_at=NOON)
    make_startup(title="Alone", opened_at=NOON + timedelta(days=2))
    assert titles(api.get(URL, {"has_open_positions": "true"})) == ["Hiring"]
    assert titles(api.get(URL, {"has_open_positions": "false"})) == ["Alone"]
    assert titles(api.get(URL, {"created_after": "2026-01-02T00:00:00Z"})) == ["Alone"]
