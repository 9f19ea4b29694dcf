from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from web.terms_fields import TermChips, WrittenTerms, merged, slug_of, spelled


@pytest.mark.parametrize(
    ("written", "terms"),
    [
        ("", []),
        (" , ,", []),
        ("Machine learning", ["machine-learning"]),
        ("b2b, B2B ,b2b", ["b2b"]),
        ("naïve  Bayes,שלום", ["naïve-bayes", "שלום"]),
    ],
)
def test_terms_are_written_with_commas_between_them(written, terms):
    assert WrittenTerms(label="x").clean(written) == terms


@pytest.mark.parametrize("written", ["x" * 81, ",".join(map(str, range(51))), "a\x00b", "x," * 600])
def test_what_no_record_holds_is_refused(written):
    with pytest.raises(ValidationError):
        WrittenTerms(label="x").clean(written)


def test_what_was_chosen_before_is_offered_too():
    chips = TermChips()
    chips.offer(["sql", "python"], chosen=["falconry", "sql"])
    assert chips.choices == [("sql", "SQL"), ("python", "Python"), ("falconry", "Falconry")]
    assert chips.clean(["falconry"]) == ["falconry"]


def test_lists_are_merged_in_order_and_kept_within_what_a_record_holds():
    assert merged(["a", "b"], ["b", "c"]) == ["a", "b", "c"]
    assert len(merged(map(str, range(60)))) == 50


def test_words_and_terms_are_each_others_spelling():
    assert slug_of(spelled("drug-discovery")) == "drug-discovery"
