"""What people do to startups, what each act is worth, and what several acts on one startup amount to.

These rules are stated here and nowhere else: the platform writes events with these types, the dataset
export and the recommendation service both call :func:`resolve_pair`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar


class InteractionType(StrEnum):
    """An act of a person towards a startup, strongest first."""

    APPLY = "apply"
    INTEREST = "interest"
    FAVORITE = "favorite"
    LIKE = "like"
    CLICK = "click"
    VIEW = "view"
    DISLIKE = "dislike"


SAMPLED_NEGATIVE = "sampled_negative"
"""The `interaction_type` of a dataset row that nobody did: a startup drawn as a negative."""

LABELS: Mapping[str, float] = MappingProxyType(
    {
        InteractionType.APPLY: 1.0,
        InteractionType.INTEREST: 1.0,
        InteractionType.FAVORITE: 0.9,
        InteractionType.LIKE: 0.8,
        InteractionType.CLICK: 0.6,
        InteractionType.VIEW: 0.4,
        InteractionType.DISLIKE: 0.0,
        SAMPLED_NEGATIVE: 0.0,
    }
)
"""The training label of each type: how much the act says that the startup suits the person, in [0, 1]."""

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        InteractionType.APPLY: 1.0,
        InteractionType.INTEREST: 1.0,
        InteractionType.FAVORITE: 1.0,
        InteractionType.LIKE: 1.0,
        InteractionType.CLICK: 0.6,
        InteractionType.VIEW: 0.4,
        InteractionType.DISLIKE: 1.0,
        SAMPLED_NEGATIVE: 0.5,
    }
)
"""The weight of a row in a pointwise loss: how sure we are that its label states a preference, in (0, 1].

Explicit acts are certain; a click or a view may be curiosity; a startup nobody showed the person may well suit them.
"""

EXPLICIT_TYPES: frozenset[InteractionType] = frozenset(
    {
        InteractionType.LIKE,
        InteractionType.FAVORITE,
        InteractionType.INTEREST,
        InteractionType.APPLY,
        InteractionType.DISLIKE,
    }
)
"""Acts by which a person states an opinion; the latest of them decides between liked and disliked."""

_Kind = TypeVar("_Kind", bound=str)
_Moment = TypeVar("_Moment", datetime, str)
_STRENGTH: Mapping[str, int] = {kind: -place for place, kind in enumerate(InteractionType)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One recorded act of one person towards one startup.

    Attributes:
        type: What was done.
        occurred_at: When, timezone-aware.
        withdrawn: The person took it back (un-like, un-favorite, ...): it does not count.
    """

    type: InteractionType
    occurred_at: datetime
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PairOutcome:
    """What all acts of one person towards one startup amount to: one row of the dataset.

    Attributes:
        type: The act that decides.
        label: `LABELS[type]`.
        weight: `WEIGHTS[type]`.
        event_time: When the deciding act was first done (for a dislike: last done).
    """

    type: InteractionType
    label: float
    weight: float
    event_time: datetime


def resolve_pair(acts: Iterable[Act]) -> PairOutcome | None:
    """Reduce the acts of one person towards one startup to what they amount to, see `deciding_act`.

    Args:
        acts: The acts in the order they were recorded; withdrawn ones do not count.

    Returns:
        The outcome, or None when nothing counts.
    """
    decided = deciding_act((act.type, act.occurred_at) for act in acts if not act.withdrawn)
    return None if decided is None else outcome_of(*decided)


def deciding_act(acts: Iterable[tuple[_Kind, _Moment]]) -> tuple[_Kind, _Moment] | None:
    """The type and moment that decide what acts of one person towards one startup amount to.

    If the latest explicit act is a dislike it decides; otherwise the strongest positive act does, at the moment it was
    first done, so that repeating it later teaches nothing new.

    Args:
        acts: Types and moments of acts that were not withdrawn, in the order they were recorded (which breaks ties);
            moments may be anything that sorts as they do.
    """
    latest: tuple[_Kind, _Moment] | None = None
    strongest: tuple[_Kind, _Moment] | None = None
    highest = _STRENGTH[InteractionType.DISLIKE]
    for act in acts:
        kind, moment = act
        if kind in EXPLICIT_TYPES and (latest is None or moment >= latest[1]):
            latest = act
        strength = _STRENGTH[kind]
        if strength > highest or (strength == highest and strongest is not None and moment < strongest[1]):
            strongest, highest = act, strength
    return latest if latest is not None and latest[0] == InteractionType.DISLIKE else strongest


def outcome_of(kind: InteractionType, moment: datetime) -> PairOutcome:
    """What a pair amounts to where this act decides."""
    return PairOutcome(type=kind, label=LABELS[kind], weight=WEIGHTS[kind], event_time=moment)
