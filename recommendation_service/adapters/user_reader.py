"""Reads a person: what they say of themselves, and what their acts amount to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from contracts.interactions import Act, InteractionType, PairOutcome, resolve_pair
from recommendation_service.adapters.embedding_bytes import decode_embedding
from recommendation_service.adapters.platform_schema import EVENTS, PREFERENCES, PROFILES, USER_EMBEDDINGS, USERS
from recommendation_service.engines.types import HistoryItem, Location, UserRecord, UserState

UNDO = EVENTS.alias("undo")


def acts_query() -> Select[*tuple[Any, ...]]:
    """Every act, with `withdrawn_by`: the id of the event that undoes it, or null."""
    return (
        select(
            EVENTS.c.user_id, EVENTS.c.startup_id, EVENTS.c.type, EVENTS.c.occurred_at, UNDO.c.id.label("withdrawn_by")
        )
        .outerjoin_from(EVENTS, UNDO, UNDO.c.undoes_id == EVENTS.c.id)
        .where(EVENTS.c.undoes_id.is_(None))
    )


def resolve_pairs(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[tuple[str, str], PairOutcome]:
    """What the acts amount to, by (user id, startup id); pairs where nothing counts are left out.

    Args:
        rows: Rows of `acts_query`, in the order they were recorded.
    """
    acts: dict[tuple[str, str], list[Act]] = defaultdict(list)
    for row in rows:
        act = Act(type=InteractionType(row.type), occurred_at=row.occurred_at, withdrawn=row.withdrawn_by is not None)
        acts[row.user_id, row.startup_id].append(act)
    outcomes = ((pair, resolve_pair(done)) for pair, done in acts.items())
    return {pair: outcome for pair, outcome in outcomes if outcome is not None}


def read_user_state(connection: Connection, user_id: str, now: datetime) -> UserState | None:
    """A person with all they ever did, oldest first; None if there is no such person."""
    row = connection.execute(_user_query().where(USERS.c.id == user_id)).one_or_none()
    if row is None:
        return None
    acts = connection.execute(acts_query().where(EVENTS.c.user_id == user_id).order_by(EVENTS.c.id))
    history = [
        HistoryItem(startup_id=startup_id, kind=outcome.type.value, label=outcome.label, time=outcome.event_time)
        for (_, startup_id), outcome in resolve_pairs(acts).items()
    ]
    history.sort(key=lambda item: item.time)
    return UserState(record=_user_record(row), history=tuple(history), as_of=now)


def _user_query() -> Select[*tuple[Any, ...]]:
    """Profile, preferences and embedding may each be missing."""
    user_id = USERS.c.id
    joined = (
        USERS.outerjoin(PROFILES, PROFILES.c.user_id == user_id)
        .outerjoin(PREFERENCES, PREFERENCES.c.user_id == user_id)
        .outerjoin(USER_EMBEDDINGS, USER_EMBEDDINGS.c.user_id == user_id)
    )
    profile, preferences = PROFILES.c, PREFERENCES.c
    return select(
        *USERS.c,
        profile.country,
        profile.state,
        profile.region,
        profile.city,
        profile.skills.label("has_skills"),
        preferences.skills.label("wants_skills"),
        preferences.categories,
        preferences["fields"].label("preferred_fields"),
        preferences.tags,
        preferences.stages,
        USER_EMBEDDINGS.c.vector,
    ).select_from(joined)


def _user_record(row: Row[*tuple[Any, ...]]) -> UserRecord:
    return UserRecord(
        id=row.id,
        external_id=row.external_id,
        role=row.role,
        location=Location(
            country=row.country or "", state=row.state or "", region=row.region or "", city=row.city or ""
        ),
        skills=tuple(dict.fromkeys([*(row.has_skills or ()), *(row.wants_skills or ())])),
        categories=tuple(row.categories or ()),
        fields=tuple(row.preferred_fields or ()),
        tags=tuple(row.tags or ()),
        stages=tuple(row.stages or ()),
        embedding=None if row.vector is None else decode_embedding(row.vector),
    )
