"""Follows the open catalogue: reads only what changed since the last look.

Startups and embeddings carry the time of their change. What leaves no such mark (a deletion, a bulk update, a position
written past the platform's services) shows in counts and sizes, and is then looked for by comparing ids, or by reading
everything again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from recommendation_service.adapters.catalogue_reader import (
    Changes,
    changed_since,
    is_open,
    is_settled,
    read_catalogue_version,
    read_startups,
)
from recommendation_service.adapters.platform_schema import STARTUPS
from recommendation_service.engines.types import StartupRecord
from recommendation_service.services.ports import CatalogueChanges, CatalogueMark

MOST_CHANGES = 2000
"""With more, reading everything again is as fast, and leaves a catalogue in order."""
_IDS_AT_ONCE = 500


def read_changes(
    connection: Connection, since: CatalogueMark, known: Collection[str], now: datetime
) -> CatalogueChanges | None:
    """What changed since a mark; None when all open startups are better read again. See `PlatformDatabase`."""
    version = read_catalogue_version(connection, now)
    if version == since.version:
        return _nothing(since, now)
    changed = changed_since(connection, since)
    suspects = {startup for startup, moments in changed.items() if not moments <= since.seen.get(startup, frozenset())}
    suspects |= _opened_or_closed(connection, since.read_at, now)
    suspects |= _differing(connection, known, suspects, now)
    if len(suspects) > MOST_CHANGES or (not suspects and since.version is not None):
        return None
    startups, unusable = _read(connection, suspects, now)
    gone = frozenset(suspects & set(known)) - {startup.id for startup in startups}
    mark = CatalogueMark(read_at=now, changed_at=_latest(changed, since.changed_at), version=version, seen=changed)
    return CatalogueChanges(startups=startups, gone=gone, unusable=unusable, mark=mark)


def _nothing(since: CatalogueMark, now: datetime) -> CatalogueChanges:
    mark = replace(since, read_at=now)
    if is_settled(mark):
        mark = replace(mark, seen={})
    return CatalogueChanges(startups=(), gone=frozenset(), unusable=frozenset(), mark=mark)


def _opened_or_closed(connection: Connection, after: datetime, now: datetime) -> set[str]:
    """Ids of startups whose moment of opening or closing has come since."""
    moments = (STARTUPS.c.opened_at, STARTUPS.c.closed_at)
    query = select(STARTUPS.c.id).where(or_(*(and_(moment > after, moment <= now) for moment in moments)))
    return set(connection.execute(query).scalars())


def _differing(connection: Connection, known: Collection[str], suspects: set[str], now: datetime) -> set[str]:
    """Ids that are known and not open, or open and not known; looked for only when the counts do not agree."""
    open_suspects = sum(
        connection.execute(select(func.count()).where(STARTUPS.c.id.in_(ids), is_open(now))).scalar_one()
        for ids in _blocks(suspects)
    )
    left = len(known) - sum(startup in known for startup in suspects)
    count = connection.execute(select(func.count()).where(is_open(now))).scalar_one()
    if left + open_suspects == count:
        return set()
    return set(connection.execute(select(STARTUPS.c.id).where(is_open(now))).scalars()) ^ set(known)


def _read(connection: Connection, ids: Iterable[str], now: datetime) -> tuple[list[StartupRecord], frozenset[str]]:
    startups: list[StartupRecord] = []
    unusable: frozenset[str] = frozenset()
    for some in _blocks(ids):
        found, bad = read_startups(connection, and_(STARTUPS.c.id.in_(some), is_open(now)))
        startups += found
        unusable |= bad
    return startups, unusable


def _latest(changed: Changes, before: datetime | None) -> datetime | None:
    return max((moment for moments in changed.values() for _, moment in moments), default=before)


def _blocks(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in order, few enough at once to be the parameters of a query."""
    ordered = sorted(ids)
    return (ordered[start : start + _IDS_AT_ONCE] for start in range(0, len(ordered), _IDS_AT_ONCE))
