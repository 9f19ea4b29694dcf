"""Reads the members who let themselves be found, and follows what changes about them.

A change of what a person says of themselves marks their account, a decision about their recommendations its own row;
acts are numbered in order. All are looked for a little further back than what was seen last, since a transaction may
commit after a later one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from recommendation_service.adapters.current_people import read_current_states
from recommendation_service.adapters.database_engine import connect_engine
from recommendation_service.adapters.event_rows import EVENT_COLUMNS, resolve_events
from recommendation_service.adapters.people_seen import PeopleSeen
from recommendation_service.adapters.platform_schema import (
    EVENTS,
    PROFILES,
    RECOMMENDATION_SETTINGS,
    USER_EMBEDDINGS,
    USERS,
)
from recommendation_service.adapters.reading import reading
from recommendation_service.services.people_ports import DECISIONS, ConfirmedMember, Member, MemberChanges, MemberMark

LOOK_BACK = timedelta(seconds=60)
"""Embeddings follow an edit within seconds; they are looked for this long."""
LOOK_BACK_ACTS = 1000
_BACKGROUND_POOL = 1


def _findable() -> Select[*tuple[Any, ...]]:
    joined = USERS.join(PROFILES, PROFILES.c.user_id == USERS.c.id)
    return (
        select(USERS.c.id, USERS.c.role, USERS.c.date_joined)
        .select_from(joined)
        .where(USERS.c.is_active, PROFILES.c.is_public)
    )


FINDABLE = _findable().order_by(USERS.c.id)
CHOSEN = _findable().where(USERS.c.id.in_(bindparam("user_ids", expanding=True)))
COUNT = select(func.count()).select_from(_findable().subquery())
EVENTS_OF_PAIRS = (
    select(*EVENT_COLUMNS)
    .where(EVENTS.c.user_id.in_(bindparam("user_ids", expanding=True)), EVENTS.c.startup_id == bindparam("startup_id"))
    .order_by(EVENTS.c.id)
)
LAST_ACT = select(func.coalesce(func.max(EVENTS.c.id), 0))
ACTS = select(EVENTS.c.id, EVENTS.c.user_id).where(EVENTS.c.id > bindparam("after"))
EDITS = (
    select(USERS.c.id, USERS.c.updated_at, USER_EMBEDDINGS.c.updated_at)
    .outerjoin_from(USERS, USER_EMBEDDINGS, USER_EMBEDDINGS.c.user_id == USERS.c.id)
    .where(USERS.c.updated_at >= bindparam("since"))
)
CHOICES = select(RECOMMENDATION_SETTINGS.c.user_id, RECOMMENDATION_SETTINGS.c.updated_at).where(
    RECOMMENDATION_SETTINGS.c.updated_at >= bindparam("since")
)


class SqlMemberSource:
    """SQLite or PostgreSQL, read only; answers and the background have connections of their own."""

    def __init__(
        self,
        url: str,
        *,
        seen: PeopleSeen | None = None,
        request_timeout_seconds: float = 1.0,
        background_timeout_seconds: float = 30.0,
        pool_size: int = 2,
    ) -> None:
        """Prepare the connections; none is opened yet.

        Args:
            url: Of the database.
            seen: People who were read; by default nobody else shares them.
            request_timeout_seconds: The longest that an answer waits.
            background_timeout_seconds: The longest that the background waits.
            pool_size: The most connections for answers.

        Raises:
            DatabaseUrlError: If the URL names no database this can read.
        """
        self._requests = connect_engine(url, timeout_seconds=request_timeout_seconds, pool_size=pool_size)
        self._background = connect_engine(url, timeout_seconds=background_timeout_seconds, pool_size=_BACKGROUND_POOL)
        self._seen = PeopleSeen() if seen is None else seen

    def mark(self, now: datetime) -> MemberMark:
        """Where following begins for who is read after this."""
        with reading(self._background) as connection:
            last = connection.execute(LAST_ACT).scalar_one()
            return MemberMark(read_at=now, seen=frozenset(_recent(connection, now - LOOK_BACK, last)), last_act=last)

    def findable(self) -> Sequence[str]:
        """Ids of all members who can be found."""
        with reading(self._background) as connection:
            return [row.id for row in connection.execute(FINDABLE)]

    def members(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        """Those of some people who can be found, in no order."""
        with reading(self._background) as connection:
            return self._members(connection, ids, now)

    def confirmed(self, ids: Collection[str], startup_id: str) -> Mapping[str, ConfirmedMember]:
        """Those of some people who can be found now, by id."""
        asked = {"user_ids": list(ids)}
        with reading(self._requests) as connection:
            found = connection.execute(CHOSEN, asked).all()
            events = connection.execute(EVENTS_OF_PAIRS, asked | {"startup_id": startup_id}).all()
        outcomes = resolve_events(events)
        decided = {user_id for (user_id, _), outcome in outcomes.items() if outcome.type in DECISIONS}
        return {row.id: ConfirmedMember(role=row.role, decided=row.id in decided) for row in found}

    def described(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        """As `members`, within the time that a request has."""
        with reading(self._requests) as connection:
            return self._members(connection, ids, now)

    def changes(self, since: MemberMark, now: datetime) -> MemberChanges:
        """What happened since a mark."""
        with reading(self._background) as connection:
            count = connection.execute(COUNT).scalar_one()
            last = connection.execute(LAST_ACT).scalar_one()
            recent = _recent(connection, since.read_at - LOOK_BACK, since.last_act)
        mark = MemberMark(read_at=now, seen=frozenset(recent), last_act=max(last, since.last_act))
        ids = frozenset(user_id for seen, user_id in recent.items() if seen not in since.seen)
        return MemberChanges(ids=ids, count=count, mark=mark)

    def _members(self, connection: Connection, ids: Collection[str], now: datetime) -> list[Member]:
        joined = {row.id: row.date_joined for row in connection.execute(CHOSEN, {"user_ids": list(ids)})}
        states = read_current_states(connection, self._seen, list(joined), now)
        return [Member(state=state, joined_at=joined[user_id]) for user_id, state in states.items()]

    def close(self) -> None:
        """Close all connections."""
        self._requests.dispose()
        self._background.dispose()


def _recent(connection: Connection, since: datetime, last_act: int) -> dict[tuple[object, ...], str]:
    """Edits and choices since a moment and acts since about an act, each with who did it."""
    edits = connection.execute(EDITS, {"since": since})
    choices = connection.execute(CHOICES, {"since": since})
    acts = connection.execute(ACTS, {"after": last_act - LOOK_BACK_ACTS})
    changed = {tuple(change): change[0] for change in (*edits, *choices)}
    return changed | {(number,): user_id for number, user_id in acts}
