"""Rows of events, and what they amount to; a person has many, so little is done to each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import itemgetter
from sys import intern
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, type_coerce
from sqlalchemy.types import NULLTYPE

from contracts.interactions import LABELS, InteractionType, PairOutcome, deciding_act, outcome_of
from recommendation_service.adapters.platform_schema import EVENTS, utc_moment
from recommendation_service.engines.person_history import INTERACTION_KINDS, History
from recommendation_service.engines.timeline import to_microseconds

EVENT_COLUMNS = (
    EVENTS.c.id,
    # As the database driver gives them: ids are spelled, and moments read, once for each pair and not for every row.
    type_coerce(EVENTS.c.user_id, NULLTYPE),
    type_coerce(EVENTS.c.startup_id, NULLTYPE),
    EVENTS.c.type,
    type_coerce(EVENTS.c.occurred_at, NULLTYPE),
    EVENTS.c.undoes_id,
)
"""What `resolve_events` looks at, in this order."""

_TYPES: Mapping[str, InteractionType] = {kind.value: kind for kind in InteractionType}
_CODES = {kind: code for code, kind in enumerate(INTERACTION_KINDS)}


def read_events(
    connection: Connection, statement: Select[*tuple[Any, ...]], asked: Mapping[str, Any]
) -> Sequence[tuple[Any, ...]]:
    """Rows of EVENT_COLUMNS as the driver makes them: many, and what SQLAlchemy makes of each costs as much again."""
    cursor = connection.execute(statement, asked).cursor
    return () if cursor is None else cursor.fetchall()


def resolve_events(
    events: Sequence[tuple[Any, ...]] | Sequence[Row[*tuple[Any, ...]]],
) -> dict[tuple[str, str], PairOutcome]:
    """What events amount to, by (user id, startup id); pairs where nothing counts are left out.

    Args:
        events: Rows of EVENT_COLUMNS, in the order they were recorded.
    """
    return {
        (spelled(user), spelled(startup)): outcome_of(_TYPES[kind], utc_moment(moment))
        for (user, startup), (kind, moment) in _decided(events).items()
    }


def histories_of(events: Sequence[tuple[Any, ...]]) -> dict[str, History]:
    """What events amount to, by user id; whoever's acts all were taken back is left out.

    Args:
        events: Rows of EVENT_COLUMNS, in the order they were recorded.
    """
    done: dict[Any, list[tuple[str, int, float, int]]] = defaultdict(list)
    for (user, startup), (kind, moment) in _decided(events).items():
        # The same few startups are in everybody's history.
        startup_id = intern(spelled(startup))
        done[user].append((startup_id, _CODES[kind], LABELS[kind], to_microseconds(utc_moment(moment))))
    return {spelled(user): _history(acts) for user, acts in done.items()}


def _history(acts: list[tuple[str, int, float, int]]) -> History:
    startup_ids, kind, label, time = zip(*sorted(acts, key=itemgetter(3)), strict=True)
    return History(startup_ids, kind=kind, label=label, time=time)


def _decided(events: Sequence[Sequence[Any]]) -> dict[tuple[Any, Any], tuple[str, Any]]:
    """Type and moment of the act that decides on each pair of user and startup, ids and moments as the driver has them.

    An undo is an event of its own that points to the act it withdraws. Looking it up among the events read is cheaper
    than a self-join: SQLite would scan all events that are no undo.
    """
    undone = {event[-1] for event in events}
    acts: dict[tuple[Any, Any], list[tuple[str, Any]]] = defaultdict(list)
    for identity, user, startup, kind, occurred_at, undoes in events:
        if undoes is None and identity not in undone:
            acts[user, startup].append((kind, occurred_at))
    decided = ((pair, deciding_act(done)) for pair, done in acts.items())
    return {pair: act for pair, act in decided if act is not None}


def spelled(identity: UUID | str) -> str:
    """The usual 36 characters of an id: PostgreSQL's driver gives UUIDs, SQLite keeps 32 digits."""
    if isinstance(identity, UUID):
        return str(identity)
    return f"{identity[:8]}-{identity[8:12]}-{identity[12:16]}-{identity[16:20]}-{identity[20:]}"
