"""Reads what people did lately, for trends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, select

from recommendation_service.adapters.event_rows import EVENT_COLUMNS, resolve_events
from recommendation_service.adapters.platform_schema import EVENTS
from recommendation_service.services.ports import RecentPair


def read_recent_pairs(connection: Connection, window: timedelta, most: int) -> Sequence[RecentPair]:
    """Pairs with acts in the `window` before the latest act of all, made from at most `most` acts.

    The window ends with the latest act, not now, so that an imported platform has trends too.
    """
    latest = connection.execute(select(EVENTS.c.occurred_at).order_by(EVENTS.c.occurred_at.desc()).limit(1)).scalar()
    if latest is None:
        return ()
    query = (
        select(*EVENT_COLUMNS)
        .where(EVENTS.c.occurred_at >= latest - window)
        .order_by(EVENTS.c.occurred_at.desc(), EVENTS.c.id.desc())
        .limit(most)
    )
    events = connection.execute(query).all()[::-1]
    return tuple(
        RecentPair(user_id=user_id, startup_id=startup_id, outcome=outcome)
        for (user_id, startup_id), outcome in resolve_events(events).items()
    )
