"""People as they are now, read whole only when something about them changed since they were read last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Select, bindparam, func, select, type_coerce
from sqlalchemy.types import NULLTYPE

from recommendation_service.adapters.people_seen import PeopleSeen, Signs
from recommendation_service.adapters.platform_schema import EVENTS, USERS
from recommendation_service.adapters.user_reader import PEOPLE, PERSON, read_user_state, read_user_states
from recommendation_service.engines.types import UserState


def _signs(people: Select[*tuple[Any, ...]], whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """What tells of any change: all that is read of people, as the driver gives it, and which events they have.

    Events are never changed, only added, and deleted with their startup, so that the last id, their number and the sum
    of their ids tell one set from another without reading it; the index of a person's events holds all three.
    """
    event = EVENTS.c
    ids = (func.count(event.id), func.max(event.id), func.sum(event.id))
    recorded = select(event.user_id, *(type_coerce(number, NULLTYPE) for number in ids)).where(whose)
    of_person, *numbers = recorded.group_by(event.user_id).subquery().columns
    (read,) = people.get_final_froms()
    told = [type_coerce(column, NULLTYPE) for column in people.selected_columns]
    return people.with_only_columns(USERS.c.id, *told, *numbers).select_from(
        read.outerjoin(of_person.table, of_person == USERS.c.id)
    )


SIGNS_OF_PERSON = _signs(PERSON, EVENTS.c.user_id == bindparam("user_id"))
SIGNS_OF_PEOPLE = _signs(PEOPLE, EVENTS.c.user_id.in_(bindparam("user_ids", expanding=True)))


def read_current_state(connection: Connection, seen: PeopleSeen, user_id: str, now: datetime) -> UserState | None:
    """What `read_user_state` says now."""
    told = _signs_of(connection, user_id)
    if told is None:
        return None
    signs = {user_id: told}
    state = seen.unchanged(signs).get(user_id)
    if state is not None:
        return replace(state, as_of=now)
    state = read_user_state(connection, user_id, now)
    if state is not None:
        seen.keep(signs, {user_id: state})
    return state


def read_current_states(
    connection: Connection, seen: PeopleSeen, user_ids: Sequence[str], now: datetime
) -> dict[str, UserState]:
    """What `read_user_states` says now."""
    rows = connection.execute(SIGNS_OF_PEOPLE, {"user_ids": list(user_ids)})
    signs = {row[0]: tuple(row[1:]) for row in rows}
    known = seen.unchanged(signs)
    changed = [user_id for user_id in signs if user_id not in known]
    found = read_user_states(connection, changed, now) if changed else {}
    seen.keep(signs, found)
    return {**{user_id: replace(state, as_of=now) for user_id, state in known.items()}, **found}


def _signs_of(connection: Connection, user_id: str) -> Signs | None:
    """Asked of the driver itself, with every request: what SQLAlchemy adds takes twice as long as the database."""
    statement, places = _as_driver_reads(connection.dialect)
    asked = (user_id.replace("-", ""),) * places if places else {"user_id": user_id}
    driver = connection.connection.driver_connection
    row = driver.execute(statement, asked).fetchone()  # type: ignore[union-attr] # sqlite3's and psycopg's alike
    return None if row is None else row[1:]


@lru_cache
def _as_driver_reads(dialect: Dialect) -> tuple[str, int]:
    """The statement, and how often it asks for the person by place; 0 where it asks by name, as for PostgreSQL."""
    compiled = SIGNS_OF_PERSON.compile(dialect=dialect)
    return str(compiled), len(compiled.positiontup or ())
