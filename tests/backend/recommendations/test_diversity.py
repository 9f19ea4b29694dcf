from __future__ import annotations

import pytest

from recommendations.diversity import MAX_PER_OWNER, PageBounds

TEXT = "We build quiet turbines for the roofs of houses in towns where the wind never sleeps and power is dear"


def admitted(startups):
    bounds = PageBounds()
    return [startup for startup in startups if bounds.admit(startup)]


def test_one_owner_takes_no_more_than_the_bound(make_user, make_startup):
    owner, other = make_user(), make_user()
    flood = [make_startup(owner=owner, description=f"The number {number} of many") for number in range(10)]
    single = make_startup(owner=other)
    assert admitted([*flood, single]) == [*flood[:MAX_PER_OWNER], single]


@pytest.mark.parametrize(
    "copy",
    [TEXT, TEXT.upper(), TEXT.replace(" ", "\n"), f"New! {TEXT}", TEXT.replace("quiet", "silent")],
    ids=["same", "shouted", "broken into lines", "with a word before", "with a word changed"],
)
def test_a_copy_by_the_same_owner_takes_no_place_of_its_own(make_user, make_startup, copy):
    owner = make_user()
    first = make_startup(owner=owner, description=TEXT)
    assert admitted([first, make_startup(owner=owner, description=copy)]) == [first]


def test_what_is_only_alike_stays(make_user, make_startup):
    owner = make_user()
    pair = [
        make_startup(owner=owner, description=TEXT),
        make_startup(owner=owner, description="We build loud engines for the boats of people in towns by the sea"),
    ]
    assert admitted(pair) == pair


def test_texts_too_short_to_be_copies_count_by_owner_only(make_user, make_startup):
    owner = make_user()
    pair = [make_startup(owner=owner, description="Solar roofs.") for _ in range(2)]
    assert admitted(pair) == pair


def test_startups_that_nobody_claimed_are_not_one_owners(make_startup):
    startups = [make_startup(owner=None, description=TEXT) for _ in range(5)]
    assert admitted(startups) == startups
