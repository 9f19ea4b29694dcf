from __future__ import annotations

import pytest

from contracts.terms import label_of
from startups.terms import CATEGORY_TERMS, FIELD_TERMS, TAG_TERMS, as_term, as_terms


@pytest.mark.parametrize(
    ("typed", "term"),
    [
        ("Fraud detection", "fraud-detection"),
        (" fraud -  detection ", "fraud-detection"),
        ("e-commerce", "ecommerce"),
        ("Wüstensand", "wüstensand"),
        ("  ", ""),
        ("--", ""),
    ],
)
def test_words_become_the_term_they_name(typed, term):
    assert as_term(typed) == term


def test_a_term_stays_itself_and_its_label_leads_back_to_it():
    for term in (*CATEGORY_TERMS, *FIELD_TERMS, *TAG_TERMS):
        assert as_term(term) == as_term(label_of(term).upper()) == term
    assert as_term("games_video") == "games_video"


def test_lists_hold_each_term_once_in_order():
    assert as_terms(["Sleep", "", "API", "sleep "]) == ["sleep", "api"]
