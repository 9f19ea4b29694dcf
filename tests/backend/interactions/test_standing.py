from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.interactions import EXPLICIT_TYPES
from interactions.selectors import interaction_counts_standing, interaction_list_standing

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALL = ("like", "dislike", "favorite", "click")


def standing(member, types=ALL):
    return [(act.type, act.startup) for act in interaction_list_standing(user=member, types=types)]


def test_what_was_done_twice_stands_once_as_of_the_last_time(member, startup, make_event):
    make_event(member, startup, "like", occurred_at=NOON)
    last = make_event(member, startup, "like", occurred_at=NOON + timedelta(hours=1))
    assert list(interaction_list_standing(user=member, types=["like"])) == [last]


def test_at_the_same_moment_the_later_record_stands(member, startup, make_event):
    make_event(member, startup, "like", occurred_at=NOON)
    last = make_event(member, startup, "like", occurred_at=NOON)
    assert list(interaction_list_standing(user=member, types=["like"])) == [last]


@pytest.mark.parametrize(("then", "stands"), [("like", ["like"]), ("click", ["click", "dislike"])])
def test_a_later_opinion_forgives_a_dislike_but_a_look_does_not(member, startup, make_event, then, stands):
    make_event(member, startup, "dislike", occurred_at=NOON)
    make_event(member, startup, then, occurred_at=NOON + timedelta(hours=1))
    assert [kind for kind, _ in standing(member)] == stands


def test_withdrawn_acts_and_others_acts_do_not_stand(member, make_user, startup, make_event):
    make_event(member, startup, "like", undoes=make_event(member, startup, "like"))
    make_event(make_user(), startup, "favorite")
    assert standing(member) == []


def test_an_undone_later_act_overtakes_nothing(member, startup, make_event):
    make_event(member, startup, "dislike", occurred_at=NOON)
    like = make_event(member, startup, "like", occurred_at=NOON + timedelta(hours=1))
    make_event(member, startup, "like", undoes=like, occurred_at=NOON + timedelta(hours=2))
    assert standing(member) == [("dislike", startup)]


def test_the_counts_are_of_the_explicit_acts_that_stand(member, make_user, make_startup, make_event):
    assert set(interaction_counts_standing(user=member).values()) == {0}
    startups = [make_startup() for _ in range(3)]
    for number, kind in enumerate(["like", "like", "dislike", "favorite", "click", "dislike", "apply", "interest"]):
        make_event(member, startups[number % 3], kind, occurred_at=NOON + timedelta(hours=number))
        make_event(make_user(), startups[number % 3], kind)
    listed = [kind for kind, _ in standing(member, types=EXPLICIT_TYPES)]
    assert interaction_counts_standing(user=member) == {kind: listed.count(kind) for kind in EXPLICIT_TYPES}
    assert sorted(listed) == ["apply", "dislike", "favorite", "interest", "like", "like"]
