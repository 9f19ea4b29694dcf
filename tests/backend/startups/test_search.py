from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.api import StartupFilters
from startups.search import MAX_WORDS, search_words, startup_search

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def found(text, **filters):
    return [match.startup_id for match in startup_search(text=text, filters=StartupFilters(**filters))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  ,;-!  ", []),
        ("Solar-Roofs, solar!", ["solar", "roofs"]),
        ("ÉNERGIE verte", ["énergie", "verte"]),
        (" ".join(f"w{number}" for number in range(20)), [f"w{number}" for number in range(MAX_WORDS)]),
    ],
)
def test_a_query_is_its_distinct_words(text, words):
    assert search_words(text) == words


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Wind walls"},
        {"description": "We build (wind) turbines"},
        {"tags": ["wind-power"]},
        {"category": "wind-energy"},
        {"field": "wind"},
    ],
)
@pytest.mark.parametrize("text", ["wind", "WIND", "win", "Wind!"])
def test_a_word_is_found_wherever_it_begins_a_word(make_startup, fields, text):
    make_startup(title="Other", description="Unwinding? No: rewind, and 'downwind'.")
    startup = make_startup(**fields)
    assert found(text) == [startup.pk]


def test_all_words_must_occur_but_anywhere(make_startup):
    both = make_startup(title="Solar", description="roofs for everybody")
    make_startup(title="Solar", description="cars")
    assert found("roofs solar") == [both.pk]
    assert found("roofs lunar") == []


def test_names_before_texts_and_newer_before_older(make_startup):
    text_new = make_startup(description="about solar", opened_at=NOON)
    title_old = make_startup(title="Solar", opened_at=NOON - timedelta(days=9))
    tag = make_startup(tags=["solar"], opened_at=NOON - timedelta(days=5))
    text_old = make_startup(description="Solar!", opened_at=NOON - timedelta(days=1))
    assert found("solar") == [title_old.pk, tag.pk, text_new.pk, text_old.pk]
    assert [match.is_strong for match in startup_search(text="solar")] == [True, True, False, False]


@pytest.mark.parametrize("query", ["énergie", "ÉNERGIE", "Énergie"])
def test_letters_beyond_ascii_match_in_any_case(make_startup, query):
    startups = [make_startup(title=title) for title in ("énergie", "Énergie", "ÉNERGIE")]
    tagged = make_startup(tags=["énergie"])
    assert set(found(query)) == {startup.pk for startup in [*startups, tagged]}


@pytest.mark.parametrize("text", ["100%", "a_b", "it's", 'say "hi"', "back\\slash"])
def test_signs_of_the_databases_mean_nothing(make_startup, text):
    startup = make_startup(title=text)
    make_startup(title="Nothing of that")
    assert found(text) == [startup.pk]


def test_invisible_startups_are_not_found_and_filters_narrow(make_startup):
    make_startup(title="Solar", status="hidden")
    make_startup(title="Solar", category="health")
    good = make_startup(title="Solar", category="energy", tags=["climate"], positions=["Engineer"])
    assert found("solar", category="energy", tag="climate", has_open_positions=True) == [good.pk]
    assert found("solar", category="energy", has_open_positions=False) == []


def test_without_a_word_nothing_is_found(make_startup):
    make_startup()
    assert found("--") == []
