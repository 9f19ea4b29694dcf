"""Reads a person: what they say of themselves, and what their acts amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from contracts.named_terms import Interests, interests_of
from recommendation_service.adapters.embedding_bytes import decode_embedding
from recommendation_service.adapters.event_rows import EVENT_COLUMNS, histories_of, read_events
from recommendation_service.adapters.platform_schema import (
    EVENTS,
    PREFERENCES,
    PROFILES,
    RECOMMENDATION_SETTINGS,
    USER_EMBEDDINGS,
    USERS,
)
from recommendation_service.engines.person_history import NOTHING_DONE, History
from recommendation_service.engines.types import Location, UserRecord, UserState


def _people() -> Select[*tuple[Any, ...]]:
    """Active people; profile, preferences, embedding and settings may each be missing."""
    user_id = USERS.c.id
    joined = (
        USERS.outerjoin(PROFILES, PROFILES.c.user_id == user_id)
        .outerjoin(PREFERENCES, PREFERENCES.c.user_id == user_id)
        .outerjoin(USER_EMBEDDINGS, USER_EMBEDDINGS.c.user_id == user_id)
        .outerjoin(RECOMMENDATION_SETTINGS, RECOMMENDATION_SETTINGS.c.user_id == user_id)
    )
    profile, preferences = PROFILES.c, PREFERENCES.c
    columns = (
        *USERS.c,
        profile.country,
        profile.state,
        profile.region,
        profile.city,
        profile.skills.label("has_skills"),
        profile.bio,
        preferences.skills.label("wants_skills"),
        preferences.categories,
        preferences["fields"].label("preferred_fields"),
        preferences.tags,
        preferences.stages,
        USER_EMBEDDINGS.c.model_id,
        USER_EMBEDDINGS.c.vector,
        RECOMMENDATION_SETTINGS.c.is_personalised,
    )
    return select(*columns).select_from(joined).where(USERS.c.is_active)


PERSON = _people().where(USERS.c.id == bindparam("user_id"))
PEOPLE = _people().where(USERS.c.id.in_(bindparam("user_ids", expanding=True)))
EVENTS_OF_PEOPLE = (
    select(*EVENT_COLUMNS).where(EVENTS.c.user_id.in_(bindparam("user_ids", expanding=True))).order_by(EVENTS.c.id)
)
EVENTS_OF_PERSON = select(*EVENT_COLUMNS).where(EVENTS.c.user_id == bindparam("user_id")).order_by(EVENTS.c.id)
"""Statements are made once: composing them costs more than running them."""


def read_user_state(connection: Connection, user_id: str, now: datetime) -> UserState | None:
    """A person with all they ever did, oldest first; None if there is no such person, or they left."""
    asked = {"user_id": user_id}
    row = connection.execute(PERSON, asked).one_or_none()
    if row is None:
        return None
    histories = histories_of(read_events(connection, EVENTS_OF_PERSON, asked))
    return _user_state(row, histories, now)


def read_user_ids(connection: Connection) -> list[str]:
    """Everybody who is there, in a fixed order."""
    return list(connection.execute(select(USERS.c.id).where(USERS.c.is_active).order_by(USERS.c.id)).scalars())


def read_user_states(connection: Connection, user_ids: Sequence[str], now: datetime) -> dict[str, UserState]:
    """Several people as `read_user_state` reads each, by id; whoever does not exist or left is not among them."""
    asked = {"user_ids": list(user_ids)}
    rows = connection.execute(PEOPLE, asked).all()
    histories = histories_of(read_events(connection, EVENTS_OF_PEOPLE, asked))
    return {row.id: _user_state(row, histories, now) for row in rows}


def _user_state(row: Row[*tuple[Any, ...]], histories: Mapping[str, History], now: datetime) -> UserState:
    return UserState(
        record=_user_record(row),
        history=histories.get(row.id, NOTHING_DONE),
        as_of=now,
        # Whoever never decided has no row: their lists are personal.
        is_personalised=row.is_personalised is not False,
    )


def _user_record(row: Row[*tuple[Any, ...]]) -> UserRecord:
    embedding = None if row.vector is None else decode_embedding(row.vector)
    chosen = Interests(
        categories=tuple(row.categories or ()), fields=tuple(row.preferred_fields or ()), tags=tuple(row.tags or ())
    )
    drawn_to = interests_of(row.bio or "", chosen)
    return UserRecord(
        id=row.id,
        external_id=row.external_id,
        role=row.role,
        location=Location(
            country=row.country or "", state=row.state or "", region=row.region or "", city=row.city or ""
        ),
        skills=tuple(dict.fromkeys([*(row.has_skills or ()), *(row.wants_skills or ())])),
        categories=drawn_to.categories,
        fields=drawn_to.fields,
        tags=drawn_to.tags,
        stages=tuple(row.stages or ()),
        embedding=embedding,
        encoder=None if embedding is None else row.model_id,
    )
