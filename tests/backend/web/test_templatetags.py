from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.template import Context, Template

from startups.models import Startup
from web.templatetags.launchmatch import done, hue, initials, one_line, place, term


@pytest.mark.parametrize(
    ("value", "words"),
    [("drug-discovery", "Drug discovery"), ("games_video", "Games video"), ("api", "API"), ("", ""), ("ß", "SS")],
)
def test_terms_read_as_words(value, words):
    assert term(value) == words


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ({}, ""),
        ({"country": "DEU"}, "DEU"),
        ({"city": "Berlin", "region": "Berlin area", "country": "DEU"}, "Berlin, DEU"),
        ({"state": "CA", "country": "USA"}, "CA, USA"),
    ],
)
def test_places_name_the_nearest_and_the_country(location, words):
    assert place(Startup(**location)) == words


def test_a_day_is_said_as_djangos_own_filters_say_it():
    for moment in (datetime(2026, 1, 5, 23, 59, tzinfo=UTC), datetime(2013, 10, 31, 0, 0, 1, 500, tzinfo=UTC)):
        own = Template("{% load launchmatch %}{{ moment|day }}").render(Context({"moment": moment}))
        parts = """<time datetime="{{ moment|date:'c' }}">{{ moment|date:'j M Y' }}</time>"""
        assert own == Template(parts).render(Context({"moment": moment}))


def test_one_line_is_the_first_sentence_cut_to_fit():
    assert one_line("  One. Two.") == "One."
    assert one_line("Version 1.5 is out! Hurray") == "Version 1.5 is out!"
    assert len(one_line("word " * 100)) == 150
    assert one_line("") == ""


@pytest.mark.parametrize(
    ("title", "letters"), [("Solar Roofs Inc", "SR"), ("x", "X"), ("42", "4"), ("!!!", "?"), ("", "?")]
)
def test_initials(title, letters):
    assert initials(title) == letters


def test_a_word_keeps_its_hue():
    assert hue("fintech") == hue("fintech")
    assert {hue(str(n)) for n in range(200)} == set(range(8))


def test_what_an_act_made_of_a_startup():
    assert done("favorite") == "Saved"
