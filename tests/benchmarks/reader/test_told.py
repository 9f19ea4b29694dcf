"""Chances by hand, and against the sum of everything that could be told."""

from __future__ import annotations

from itertools import combinations

import pytest
from reader.bios import Bio
from reader.told import (
    Told,
    category_options,
    choosing_weight,
    common_tag_options,
    interest_options,
    stage_options,
    style_options,
)

from contracts.taxonomy import CATEGORIES

NOTHING = Told(bio=None, categories=(), terms=frozenset(), stages=frozenset())
BIO = Bio(
    categories=("fintech", "food"),
    fields=frozenset(["payments"]),
    tags=frozenset(["invoicing", "budgeting"]),
    style="frugal",
)


def told(**parts: object) -> Told:
    return Told(**{"bio": None, "categories": (), "terms": frozenset(), "stages": frozenset(), **parts})  # type: ignore[arg-type]


def test_what_was_told_is_true_and_what_was_not_may_be() -> None:
    weights = dict(common_tag_options(told(terms=frozenset(["b2b", "b2c"]))))
    pair, triple = frozenset(["b2b", "b2c"]), frozenset(["b2b", "b2c", "open-source"])
    assert all(pair <= option for option in weights)
    assert len(weights) == 1 + 10 + 45  # nothing, one or two of the ten others untold
    assert weights[pair] / weights[triple] == pytest.approx((220 / 66) / 0.07)  # sets of three are more, and 7 % untold


def test_who_was_not_asked_may_be_drawn_by_anything() -> None:
    weights = dict(common_tag_options(NOTHING))
    assert len(weights) == 66 + 220 + 495
    assert sum(weights.values()) == pytest.approx(1.0)


def test_the_bio_tells_all_fields_and_two_tags_of_the_first_interest() -> None:
    fields, tags = interest_options(told(bio=BIO), "fintech", 0)
    assert [option for option, _ in fields] == [frozenset(["payments"])]
    assert {option - BIO.tags for option, _ in tags} == {
        frozenset(), *(frozenset([tag]) for tag in {*CATEGORIES["fintech"].tags} - BIO.tags)
    }  # fmt: skip
    assert len(interest_options(told(bio=BIO), "food", 1)[0]) == 4 + 6


def test_stages_are_neighbours() -> None:
    assert [pair for pair, _ in stage_options(told(stages=frozenset(["seed"])))] == [
        ("pre-seed", "seed"), ("seed", "series-a"),
    ]  # fmt: skip


def test_the_bio_names_one_style_of_one_or_two() -> None:
    weights = dict(style_options(told(bio=BIO)))
    alone = frozenset(["frugal"])
    assert all("frugal" in option for option in weights)
    assert len(weights) == 6
    assert weights[alone] == pytest.approx(1 / 12)  # half have one, of six
    assert weights[frozenset(["frugal", "deep-tech"])] == pytest.approx(1 / 30)  # half have two, of fifteen pairs


def test_categories_are_those_of_the_bio() -> None:
    assert category_options(told(bio=BIO)) == ((("fintech", "food"), 1.0),)


def test_everything_that_could_be_chosen_adds_up_to_one() -> None:
    true = ("fintech", "food", "web")
    kept = [list(part) for size in range(4) for part in combinations(true, size)]
    lists = {tuple(dict.fromkeys([*part, *more])) for part in kept for more in ([], *([name] for name in CATEGORIES))}
    assert sum(choosing_weight(true, chosen) for chosen in lists) == pytest.approx(1.0)


def test_without_a_bio_categories_must_explain_the_choices() -> None:
    chosen = told(categories=("fintech",), terms=frozenset(["payments", "invoicing", "budgeting", "solar-energy"]))
    options = dict(category_options(chosen))
    assert all({"fintech", "cleantech"} <= set(option) for option in options)  # a field of an untold category was told
    most_likely = max(options, key=options.__getitem__)
    assert set(most_likely) == {"fintech", "cleantech"}
