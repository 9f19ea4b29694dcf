"""Reads what people did lately, for trends: the database adds up each pair's acts, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, type_coerce
from sqlalchemy.types import NULLTYPE

from contracts.interactions import EXPLICIT_TYPES, LABELS, InteractionType
from recommendation_service.adapters.event_rows import EVENT_COLUMNS, resolve_events, spelled
from recommendation_service.adapters.platform_schema import EVENTS, RECOMMENDATION_SETTINGS, utc_moment
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.services.startup_activity import ActivityTally, StartupActivity

UNCOUNTED = select(RECOMMENDATION_SETTINGS.c.user_id).where(~RECOMMENDATION_SETTINGS.c.is_personalised)
"""People who let nothing be learned from what they do."""
_BY_STRENGTH = tuple(kind for kind in InteractionType if kind is not InteractionType.DISLIKE)
_OTHER_EXPLICIT = tuple(kind.value for kind in EXPLICIT_TYPES - {InteractionType.DISLIKE})
_ROWS_AT_ONCE = 5000
_PAIRS_AT_ONCE = 200


ACTS_VERSION = (
    select(func.count(), func.max(EVENTS.c.id)),
    select(func.count(), func.max(RECOMMENDATION_SETTINGS.c.updated_at)).where(
        ~RECOMMENDATION_SETTINGS.c.is_personalised
    ),
)
"""How many acts there are and the last one's id, of how many people they do not count and since when.

Events are only ever added, with growing ids, or deleted with their startup.
"""


def read_acts_version(connection: Connection) -> tuple[object, ...]:
    """What is another one after anything that may change `read_activity`."""
    return tuple(figure for query in ACTS_VERSION for figure in connection.execute(query).one())


def read_activity(connection: Connection, window: timedelta, half_life: timedelta) -> Sequence[StartupActivity]:
    """What people did towards each startup in the `window` before the latest act of all.

    The window ends with the latest act, not now, so that an imported platform has trends too. Acts of people who let
    nothing be learned from them do not count.

    Args:
        connection: To the platform's database.
        window: How long before the latest act an act counts as recent.
        half_life: After this long an act counts half.
    """
    latest = connection.execute(select(EVENTS.c.occurred_at).order_by(EVENTS.c.occurred_at.desc()).limit(1)).scalar()
    if latest is None:
        return ()
    tally = ActivityTally[Any](half_life)
    for startup, kind, moment in _decided(connection, latest - window):
        tally.add(startup, LABELS[kind], to_microseconds(utc_moment(moment)))
    return tuple(tally.of(startup, spelled(startup)) for startup in tally.startups)


def _decided(connection: Connection, since: datetime) -> Iterator[tuple[Any, str, Any]]:
    """Startup, type and moment of the act that decides on each pair, as `contracts.interactions.deciding_act` finds it.

    Ids and moments are as the driver has them.
    """
    equal = []
    for user, startup, disliked, liked, *moments in _rows(connection, _pairs(since)):
        if disliked is not None and (liked is None or disliked > liked):
            yield startup, InteractionType.DISLIKE, disliked
        elif disliked is not None and disliked == liked:
            equal.append((user, startup))
        else:
            yield next((startup, kind, at) for kind, at in zip(_BY_STRENGTH, moments, strict=True) if at is not None)
    yield from _decided_by_order(connection, since, equal)


def _rows(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
    cursor = connection.execute(query).cursor
    while cursor is not None and (rows := cursor.fetchmany(_ROWS_AT_ONCE)):
        yield from rows


def _pairs(since: datetime) -> Select[*tuple[Any, ...]]:
    """For each pair: its latest dislike, its latest other explicit act, and the first act of each type by strength."""
    kind = EVENTS.c.type
    return (
        select(
            _raw(EVENTS.c.user_id),
            _raw(EVENTS.c.startup_id),
            _raw(func.max(_moment_if(kind == InteractionType.DISLIKE.value))),
            _raw(func.max(_moment_if(kind.in_(_OTHER_EXPLICIT)))),
            *(_raw(func.min(_moment_if(kind == one.value))) for one in _BY_STRENGTH),
        )
        .where(_counted(since))
        .group_by(EVENTS.c.user_id, EVENTS.c.startup_id)
    )


def _counted(since: datetime) -> ColumnElement[bool]:
    """Acts since a moment that nobody took back, of people who let them count."""
    events = EVENTS.c
    undone = select(events.undoes_id).where(events.occurred_at >= since, events.undoes_id.is_not(None))
    return and_(
        events.occurred_at >= since,
        events.undoes_id.is_(None),
        events.id.not_in(undone),
        events.user_id.not_in(UNCOUNTED),
    )


def _moment_if(condition: ColumnElement[bool]) -> ColumnElement[datetime]:
    return case((condition, EVENTS.c.occurred_at))


def _raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """As the driver gives it: ids are spelled, and moments read, once for what they add up to."""
    return type_coerce(column, NULLTYPE)


def _decided_by_order(
    connection: Connection, since: datetime, pairs: Sequence[tuple[Any, Any]]
) -> Iterator[tuple[Any, str, Any]]:
    """Of pairs that were liked and disliked at one moment the order of the records decides, so that they are read."""
    for begin in range(0, len(pairs), _PAIRS_AT_ONCE):
        raw = {(spelled(user), spelled(startup)): startup for user, startup in pairs[begin : begin + _PAIRS_AT_ONCE]}
        events = connection.execute(_events_of(raw, since)).all()
        for pair, outcome in resolve_events(events).items():
            yield raw[pair], outcome.type, outcome.event_time


def _events_of(pairs: Iterable[tuple[str, str]], since: datetime) -> Select[*tuple[Any, ...]]:
    events = EVENTS.c
    chosen = [and_(events.user_id == user_id, events.startup_id == startup_id) for user_id, startup_id in pairs]
    return (
        select(*EVENT_COLUMNS).where(or_(*chosen), events.occurred_at >= since).order_by(events.occurred_at, events.id)
    )
