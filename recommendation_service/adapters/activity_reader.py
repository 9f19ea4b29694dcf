"""Reads what people did lately, for trends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, func, select

from recommendation_service.adapters.event_rows import EVENT_COLUMNS, resolve_events
from recommendation_service.adapters.platform_schema import EVENTS, RECOMMENDATION_SETTINGS
from recommendation_service.services.ports import RecentPair

UNCOUNTED = select(RECOMMENDATION_SETTINGS.c.user_id).where(~RECOMMENDATION_SETTINGS.c.is_personalised)
"""People who let nothing be learned from what they do."""


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
    """What is another one after anything that may change `read_recent_pairs`."""
    return tuple(figure for query in ACTS_VERSION for figure in connection.execute(query).one())


def read_recent_pairs(connection: Connection, window: timedelta, most: int) -> Sequence[RecentPair]:
    """Pairs with acts in the `window` before the latest act of all, made from at most `most` acts.

    The window ends with the latest act, not now, so that an imported platform has trends too. Acts of people who let
    nothing be learned from them do not count.
    """
    latest = connection.execute(select(EVENTS.c.occurred_at).order_by(EVENTS.c.occurred_at.desc()).limit(1)).scalar()
    if latest is None:
        return ()
    query = (
        select(*EVENT_COLUMNS)
        .where(EVENTS.c.occurred_at >= latest - window, EVENTS.c.user_id.not_in(UNCOUNTED))
        .order_by(EVENTS.c.occurred_at.desc(), EVENTS.c.id.desc())
        .limit(most)
    )
    events = connection.execute(query).all()[::-1]
    return tuple(
        RecentPair(user_id=user_id, startup_id=startup_id, outcome=outcome)
        for (user_id, startup_id), outcome in resolve_events(events).items()
    )
