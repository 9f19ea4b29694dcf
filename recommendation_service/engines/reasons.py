"""Why a startup is in somebody's list: only what the records, or the engine's own numbers, show to be true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

import numpy as np

from contracts.api import Reason, Rung
from recommendation_service.engines.reason_terms import (
    common,
    known_terms,
    mentions,
    reason,
    shared,
    shared_place,
    wanted_text,
)
from recommendation_service.engines.recommender import Scorer
from recommendation_service.engines.similarity import StartupSimilarity
from recommendation_service.engines.types import Catalogue, StartupRecord, UserState

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
    context: ReasonContext,
    user: UserState,
    columns: Sequence[int],
    rung: Rung,
    now: datetime,
    scorer: Scorer | None = None,
) -> list[list[Reason]]:
    """The reasons of each item of a list, the weightiest first, at most MOST_REASONS each; may be none.

    Args:
        context: The catalogue and its numbers.
        user: For whom the list is.
        columns: The list, as columns of the catalogue.
        rung: What made the list; its own kind of reason comes first.
        now: The moment of the answer.
        scorer: The engine that made it, asked which past act weighed most where it can tell.
    """
    asked = _Asked.of(user)
    close = _close_to(context, user, columns, scorer)
    return [
        _reasons(context, asked, context.catalogue.startups[column], one, rung, now)
        for column, one in zip(columns, close, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """What a person says of themselves, as it is compared."""

    user: UserState
    skills: Sequence[str]
    tags: frozenset[str]
    categories: frozenset[str]
    fields: frozenset[str]
    stages: frozenset[str]

    @classmethod
    def of(cls, user: UserState) -> _Asked:
        record = user.record
        return cls(
            user=user,
            skills=record.skills,
            tags=known_terms(record.tags),
            categories=known_terms(record.categories),
            fields=known_terms(record.fields),
            stages=known_terms(record.stages),
        )


def _reasons(
    context: ReasonContext,
    asked: _Asked,
    startup: StartupRecord,
    close: Reason | None,
    rung: Rung,
    now: datetime,
) -> list[Reason]:
    personal = chain((close,), _personal(asked, startup))
    trending = _trending(context.trends.get(startup.id, 0), context.trend_days)
    new = _new(startup, now)
    first, last = {Rung.TRENDING: ([trending], [new]), Rung.NEWEST: ([new], [trending])}.get(
        rung, ([], [trending, new])
    )
    found = (one for one in chain(first, personal, last) if one is not None)
    return list(islice(found, MOST_REASONS))


def _personal(asked: _Asked, startup: StartupRecord) -> Iterator[Reason | None]:
    """What the person says of themselves and the startup offers, the most telling first, as far as it is asked for."""
    yield shared("shared_skills", _skills(asked, startup), "Looks for {}, which you know")
    yield shared("shared_tags", common(asked.tags, startup.tags), "About {}, which you follow")
    yield shared("shared_category", common(asked.categories, (startup.category,)), "In {}, a category you chose")
    yield shared("shared_field", common(asked.fields, (startup.field,)), "In {}, a field you chose")
    yield _stages(common(asked.stages, startup.stages))
    yield shared_place(asked.user.record.location, startup.location)


def _stages(stages: Sequence[str]) -> Reason | None:
    return shared(
        "shared_stages",
        stages,
        "At the {} stage, as you prefer" if len(stages) == 1 else "At the {} stages, as you prefer",
    )


def _skills(asked: _Asked, startup: StartupRecord) -> list[str]:
    if not asked.skills or not startup.positions:
        return []
    wanted = wanted_text(startup.positions)
    return [skill for skill in asked.skills if mentions(wanted, skill.strip().casefold())]


def _close_to(
    context: ReasonContext, user: UserState, columns: Sequence[int], scorer: Scorer | None
) -> Sequence[Reason | None]:
    """For each item the liked, still open startup that speaks most for it, where it is close; None where none is."""
    index_of = context.catalogue.index_of
    acted_on = ((index_of.get(item.startup_id), item.startup_id) for item in user.history if item.label >= LIKED_FROM)
    liked = [(column, startup_id) for column, startup_id in acted_on if column is not None]
    if not liked or not columns:
        return [None] * len(columns)
    items, acts = np.asarray(columns), np.asarray([column for column, _ in liked])
    cosine = context.similarity.text_cosine(items, acts)
    told = None if scorer is None else scorer.contributions(user, items, [startup_id for _, startup_id in liked])
    engine, weight = (None, cosine) if told is None else (told.engine, told.parts)
    rows = np.arange(len(columns))
    best = weight.argmax(axis=1)
    close = (weight[rows, best] > 0) & (cosine[rows, best] >= CLOSE_FROM)
    startups, best_acts = context.catalogue.startups, acts[best].tolist()
    return [
        _close(startups[act], engine) if it_is else None for act, it_is in zip(best_acts, close.tolist(), strict=True)
    ]


def _close(liked: StartupRecord, engine: str | None) -> Reason:
    """By the account of an engine, or, where none can tell, by the closeness of the texts."""
    text = f"Close to {liked.title}, which you liked"
    return reason("close_text", [liked.id], text) if engine is None else reason("close_to", [liked.id, engine], text)


def _trending(people: int, days: int) -> Reason | None:
    if not people:
        return None
    who = "1 member" if people == 1 else f"{people} members"
    return reason("trending", [str(people)], f"{who} showed interest in the last {days} days of activity")


def _new(startup: StartupRecord, now: datetime) -> Reason | None:
    if now - startup.opened_at > NEW_FOR:
        return None
    day = startup.opened_at.date()
    return reason("new", [day.isoformat()], f"New: here since {day.day} {day:%B %Y}")
