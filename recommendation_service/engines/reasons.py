"""Why a startup is in somebody's list: only what the records themselves show to be true."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from contracts.api import Reason, Rung
from recommendation_service.engines.similarity import StartupSimilarity
from recommendation_service.engines.types import Catalogue, Location, StartupRecord, UserState
from recommendation_service.engines.vocabulary import normalise

MOST_REASONS = 3
LIKED_FROM = 0.8
"""The label from which a past act counts as having liked a startup: like, favorite, interest, apply."""
CLOSE_FROM = 0.5
"""The cosine of two texts from which they are called close."""
NEW_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReasonContext:
    """What reasons are drawn from, the same numbers that ranked.

    Attributes:
        trends: How many people showed interest lately, by startup id.
        trend_days: How many days up to the latest act of all count as lately.
    """

    catalogue: Catalogue
    similarity: StartupSimilarity
    trends: Mapping[str, int]
    trend_days: int


def explain(
    context: ReasonContext, user: UserState, columns: Sequence[int], rung: Rung, now: datetime
) -> list[list[Reason]]:
    """The reasons of each item of a list, the weightiest first, at most MOST_REASONS each; may be none.

    Args:
        context: The catalogue and its numbers.
        user: For whom the list is.
        columns: The list, as columns of the catalogue.
        rung: What made the list; its own kind of reason comes first.
        now: The moment of the answer.
    """
    close = _closest_liked(context, user, columns)
    return [
        _reasons(context, user, context.catalogue.startups[column], liked, rung, now)[:MOST_REASONS]
        for column, liked in zip(columns, close, strict=True)
    ]


def _reasons(
    context: ReasonContext,
    user: UserState,
    startup: StartupRecord,
    liked: StartupRecord | None,
    rung: Rung,
    now: datetime,
) -> list[Reason]:
    personal = [_close_to(liked), *(find(user, startup) for find in _PERSONAL)]
    trending = _trending(context.trends.get(startup.id, 0), context.trend_days)
    new = _new(startup, now)
    ordered = {Rung.TRENDING: [trending, *personal, new], Rung.NEWEST: [new, *personal, trending]}
    return [reason for reason in ordered.get(rung, [*personal, trending, new]) if reason is not None]


def _closest_liked(context: ReasonContext, user: UserState, columns: Sequence[int]) -> Sequence[StartupRecord | None]:
    """For each item the liked, still open startup whose text is closest, or None where none is close."""
    index_of = context.catalogue.index_of
    liked = [index_of[item.startup_id] for item in user.history if _is_liked(item.label, item.startup_id, index_of)]
    if not liked or not columns:
        return [None] * len(columns)
    cosine = context.similarity.text_cosine(np.asarray(columns), np.asarray(liked))
    best = cosine.argmax(axis=1)
    return [
        context.catalogue.startups[liked[place]] if cosine[row, place] >= CLOSE_FROM else None
        for row, place in enumerate(best)
    ]


def _is_liked(label: float, startup_id: str, index_of: Mapping[str, int]) -> bool:
    return label >= LIKED_FROM and startup_id in index_of


def _close_to(liked: StartupRecord | None) -> Reason | None:
    if liked is None:
        return None
    return Reason(kind="close_to", values=[liked.id], text=f"Close to {liked.title}, which you liked")


def _shared_skills(user: UserState, startup: StartupRecord) -> Reason | None:
    wanted = " \n ".join(
        f"{position.title} \n {position.requirements}" for position in startup.positions if position.is_active
    )
    skills = [skill for skill in user.record.skills if _mentions(wanted, skill)]
    return _shared("shared_skills", skills, "Looks for {}, which you know")


def _shared_tags(user: UserState, startup: StartupRecord) -> Reason | None:
    return _shared("shared_tags", _common(user.record.tags, startup.tags), "About {}, which you follow")


def _shared_category(user: UserState, startup: StartupRecord) -> Reason | None:
    shared = _common(user.record.categories, (startup.category,))
    return _shared("shared_category", shared, "In {}, a category you chose")


def _shared_field(user: UserState, startup: StartupRecord) -> Reason | None:
    return _shared("shared_field", _common(user.record.fields, (startup.field,)), "In {}, a field you chose")


def _shared_stages(user: UserState, startup: StartupRecord) -> Reason | None:
    return _shared("shared_stages", _common(user.record.stages, startup.stages), "At the {} stage, as you prefer")


def _shared_location(user: UserState, startup: StartupRecord) -> Reason | None:
    """The smallest place that both are in."""
    here, there = user.record.location, startup.location
    places = [_common((mine,), (theirs,)) for mine, theirs in zip(_places(here), _places(there), strict=True)]
    return _shared("shared_location", next(filter(None, places), []), "Based in {}, like you")


def _places(location: Location) -> tuple[str, str, str, str]:
    return location.city, location.region, location.state, location.country


_PERSONAL: Sequence[Callable[[UserState, StartupRecord], Reason | None]] = (
    _shared_skills,
    _shared_tags,
    _shared_category,
    _shared_field,
    _shared_stages,
    _shared_location,
)


def _trending(people: int, days: int) -> Reason | None:
    if not people:
        return None
    who = "1 member" if people == 1 else f"{people} members"
    return Reason(
        kind="trending", values=[str(people)], text=f"{who} showed interest in the last {days} days of activity"
    )


def _new(startup: StartupRecord, now: datetime) -> Reason | None:
    if now - startup.opened_at > NEW_FOR:
        return None
    day = startup.opened_at.date().isoformat()
    return Reason(kind="new", values=[day], text=f"New: here since {day}")


def _shared(kind: str, values: Sequence[str], sentence: str) -> Reason | None:
    if not values:
        return None
    return Reason(kind=kind, values=list(values), text=sentence.format(_listed(values)))


def _common(chosen: Iterable[str], offered: Iterable[str]) -> list[str]:
    """The offered values that were chosen, as the startup spells them."""
    known = {normalise(value) for value in chosen} - {""}
    return [value for value in offered if normalise(value) in known]


def _mentions(text: str, term: str) -> bool:
    """Whether the term stands in the text as words of its own."""
    wanted = normalise(term)
    return bool(wanted) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text.casefold()) is not None


def _listed(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} and {values[-1]}"
