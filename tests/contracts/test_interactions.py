"""The policy of interactions, as a table and against a second implementation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.interactions import (
    EXPLICIT_TYPES,
    LABELS,
    SAMPLED_NEGATIVE,
    WEIGHTS,
    Act,
    InteractionType,
    PairOutcome,
    resolve_pair,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
T = InteractionType


def test_labels_are_those_of_the_specification() -> None:
    assert dict(LABELS) == {
        "apply": 1.0,
        "interest": 1.0,
        "favorite": 0.9,
        "like": 0.8,
        "click": 0.6,
        "view": 0.4,
        "dislike": 0.0,
        "sampled_negative": 0.0,
    }


def test_every_type_has_a_label_and_a_positive_weight() -> None:
    kinds = {*InteractionType, SAMPLED_NEGATIVE}
    assert set(LABELS) == kinds
    assert set(WEIGHTS) == kinds
    assert all(0 < weight <= 1 for weight in WEIGHTS.values())


def acts(script: str) -> list[Act]:
    """Acts, one a minute; a trailing `~` marks a withdrawn one: "view like~ dislike"."""
    return [
        Act(type=T(word.rstrip("~")), occurred_at=START + timedelta(minutes=minute), withdrawn=word.endswith("~"))
        for minute, word in enumerate(script.split())
    ]


@pytest.mark.parametrize(
    ("script", "deciding", "minute"),
    [
        ("", None, None),
        ("like~", None, None),
        ("view", T.VIEW, 0),
        ("view click like favorite interest", T.INTEREST, 4),
        ("interest favorite like click view", T.INTEREST, 0),
        ("apply interest", T.APPLY, 0),
        ("interest view interest", T.INTEREST, 0),  # repeated: the first time counts
        ("view like~", T.VIEW, 0),  # un-like
        ("like favorite~", T.LIKE, 0),  # un-favorite
        ("view favorite~ like~ click", T.CLICK, 3),
        ("dislike", T.DISLIKE, 0),
        ("apply dislike", T.DISLIKE, 1),  # the latest explicit act
        ("dislike view click", T.DISLIKE, 0),  # a view is not explicit
        ("dislike like", T.LIKE, 1),  # changed their mind
        ("like dislike like", T.LIKE, 0),
        ("like dislike~", T.LIKE, 0),  # un-dislike
        ("view dislike dislike", T.DISLIKE, 2),
        ("dislike~", None, None),
        ("dislike apply~", T.DISLIKE, 0),
        ("apply dislike view", T.DISLIKE, 1),
    ],
)
def test_resolution(script: str, deciding: InteractionType | None, minute: int | None) -> None:
    outcome = resolve_pair(acts(script))
    if deciding is None or minute is None:
        assert outcome is None
        return
    assert outcome == PairOutcome(
        type=deciding,
        label=LABELS[deciding],
        weight=WEIGHTS[deciding],
        event_time=START + timedelta(minutes=minute),
    )


def test_of_two_explicit_acts_at_the_same_moment_the_later_recorded_decides() -> None:
    liked, disliked = (Act(type=kind, occurred_at=START) for kind in (T.LIKE, T.DISLIKE))
    first, second = resolve_pair([liked, disliked]), resolve_pair([disliked, liked])
    assert first is not None
    assert second is not None
    assert (first.type, second.type) == (T.DISLIKE, T.LIKE)


any_act = st.builds(
    Act,
    type=st.sampled_from(InteractionType),
    occurred_at=st.integers(0, 5).map(lambda minute: START + timedelta(minutes=minute)),
    withdrawn=st.booleans(),
)


@given(st.lists(any_act, max_size=8))
def test_resolution_equals_a_second_implementation(many: list[Act]) -> None:
    outcome = resolve_pair(many)
    counting = sorted((act for act in many if not act.withdrawn), key=lambda act: act.occurred_at)
    explicit = [act for act in counting if act.type in EXPLICIT_TYPES]
    if not counting:
        assert outcome is None
    elif explicit and explicit[-1].type == T.DISLIKE:
        assert outcome is not None
        assert (outcome.label, outcome.event_time) == (0.0, explicit[-1].occurred_at)
    else:
        assert outcome is not None
        assert outcome.label == max(LABELS[act.type] for act in counting)
        assert outcome.event_time == min(act.occurred_at for act in counting if act.type == outcome.type)
