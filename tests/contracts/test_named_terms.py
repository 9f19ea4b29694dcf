from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.named_terms import Interests, interests_of, named_terms
from contracts.taxonomy import CATEGORIES, COMMON_TAGS
from contracts.terms import label_of

FIELDS = [field for terms in CATEGORIES.values() for field in terms.fields]
TAGS = [tag for terms in CATEGORIES.values() for tag in terms.tags] + list(COMMON_TAGS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Interests()),
        ("I go to market with seed money and grow.", Interests()),
        ("Drawn to real estate and E-Commerce.", Interests(categories=("real-estate", "ecommerce"))),
        ("ECOMMERCE, k-12!", Interests(categories=("ecommerce",), tags=("k12",))),
        ("food, then travel, then food", Interests(categories=("food", "travel"))),
        # Of what overlaps the longest: neither the category `food` nor the tag `open-source` is meant.
        ("food delivery on open source software", Interests(fields=("food-delivery", "open-source-software"))),
        ("open source for health", Interests(categories=("health",), tags=("open-source",))),
        ("healthy webs of mediation", Interests()),
        ("real\nestate\x00, media\ud800", Interests(categories=("real-estate", "media"))),
    ],
)
def test_terms_are_those_whose_words_stand_in_the_text(text: str, expected: Interests) -> None:
    assert named_terms(text) == expected


@given(
    st.lists(st.sampled_from(sorted(CATEGORIES)), unique=True, max_size=4),
    st.lists(st.sampled_from(FIELDS), unique=True, max_size=4),
    st.lists(st.sampled_from(TAGS), unique=True, max_size=4),
)
def test_what_is_spelled_as_people_read_it_is_found_in_its_order(
    categories: list[str], fields: list[str], tags: list[str]
) -> None:
    sentences = [f"I like {label_of(term)}." for term in (*tags, *categories, *fields)]
    expected = Interests(categories=tuple(categories), fields=tuple(fields), tags=tuple(tags))
    assert named_terms(" And ".join(sentences)) == expected


@given(st.text())
def test_any_text_names_known_terms_only(text: str) -> None:
    found = named_terms(text)
    assert {*found.categories} <= {*CATEGORIES}
    assert {*found.fields} <= {*FIELDS}
    assert {*found.tags} <= {*TAGS}


def test_what_is_chosen_and_what_is_named_count_once_each() -> None:
    chosen = Interests(categories=("media", "web"), fields=("podcasting", "mine"), tags=("forums", "日本"))
    found = interests_of("Web and travel; website builders, podcasting; forums, seo.", chosen)
    assert found.categories == ("web", "travel", "media")
    assert found.fields == ("podcasting", "mine", "website-builders")
    assert found.tags == ("forums", "日本", "seo")
    assert interests_of("", chosen) == chosen
