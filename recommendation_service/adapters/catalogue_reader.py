"""Reads the open catalogue: startups with their positions, funding rounds and text embeddings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from sys import intern
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from recommendation_service.adapters.embedding_bytes import TextBlocks
from recommendation_service.adapters.platform_schema import POSITIONS, ROUNDS, STARTUP_EMBEDDINGS, STARTUPS
from recommendation_service.adapters.shared_values import shared_location, shared_position, shared_words
from recommendation_service.engines.types import FloatArray, FundingRound, Position, StartupRecord
from recommendation_service.services.ports import CatalogueMark, KnownRecords, OpenStartups, nothing_known

_ACTIVE = "active"
LOOK_BACK = timedelta(seconds=15)
"""A transaction sets the time of a change before it commits, by so much at most."""
_SETTLED = timedelta(minutes=1)
"""Of a change this old it is known what came with it, clocks that differ a little included."""
_ROWS_AT_ONCE = 2000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
Changes = Mapping[str, frozenset[tuple[str, datetime]]]
"""What of each startup changed when, by id."""
_facts = attrgetter(*(field.name for field in fields(StartupRecord) if field.name != "embedding"))


def read_catalogue_version(connection: Connection, now: datetime) -> str:
    """Counts, sizes and latest changes of all that the catalogue is made of, as one text.

    Positions and rounds carry no time of change, so their texts' total length stands in for one.
    """
    queries: list[Select[*tuple[Any, ...]]] = [
        select(func.count(), func.max(STARTUPS.c.updated_at)).where(is_open(now)),
        select(func.max(STARTUPS.c.updated_at)),
        select(
            func.count(),
            func.max(POSITIONS.c.id),
            func.sum(func.length(POSITIONS.c.title) + func.length(POSITIONS.c.requirements)),
            func.count().filter(POSITIONS.c.is_active),
        ),
        select(func.count(), func.max(ROUNDS.c.id)),
        select(func.count()).select_from(STARTUP_EMBEDDINGS),
        select(func.max(STARTUP_EMBEDDINGS.c.updated_at)),
    ]
    return "; ".join(", ".join(map(str, connection.execute(query).one())) for query in queries)


def read_open_startups(connection: Connection, now: datetime, known: KnownRecords) -> OpenStartups:
    """All startups that are active and open at `now`, newest first; known ones that did not change as they are."""
    mark = read_mark(connection, now)
    startups, unusable = read_startups(connection, is_open(now), known)
    return OpenStartups(startups=startups, unusable=unusable, mark=mark)


def read_mark(connection: Connection, now: datetime) -> CatalogueMark:
    """Where a look at changes begins, for a catalogue that is read after this."""
    version = read_catalogue_version(connection, now)
    moments = [
        connection.execute(select(func.max(table.c.updated_at))).scalar() for table in (STARTUPS, STARTUP_EMBEDDINGS)
    ]
    latest = max((moment for moment in moments if moment is not None), default=None)
    mark = CatalogueMark(read_at=now, changed_at=latest, version=version)
    return mark if is_settled(mark) else replace(mark, seen=changed_since(connection, mark))


def is_settled(mark: CatalogueMark) -> bool:
    """Whether the latest change was so long before the read that nothing older can come to light any more."""
    return mark.changed_at is not None and mark.read_at - mark.changed_at >= _SETTLED


def changed_since(connection: Connection, mark: CatalogueMark) -> Changes:
    """Which startups and embeddings changed since a mark, and before it what may have come to light after it."""
    since = _BEGINNING if mark.changed_at is None else mark.changed_at
    since += timedelta(microseconds=1) if is_settled(mark) else -LOOK_BACK
    startups = select(STARTUPS.c.id, STARTUPS.c.updated_at).where(STARTUPS.c.updated_at >= since)
    embeddings = select(STARTUP_EMBEDDINGS.c.startup_id, STARTUP_EMBEDDINGS.c.updated_at).where(
        STARTUP_EMBEDDINGS.c.updated_at >= since
    )
    changed: dict[str, frozenset[tuple[str, datetime]]] = defaultdict(frozenset)
    for what, query in (("startup", startups), ("embedding", embeddings)):
        for startup_id, updated_at in connection.execute(query):
            changed[startup_id] |= {(what, updated_at)}
    return dict(changed)


def read_startups(
    connection: Connection, chosen: ColumnElement[bool], known: KnownRecords = nothing_known
) -> tuple[list[StartupRecord], frozenset[str]]:
    """The chosen startups with all that belongs to them, newest first, and the ids of unusable embeddings."""
    of_chosen = select(STARTUPS.c.id).where(chosen)
    positions, rounds = _read_positions(connection, of_chosen), _read_rounds(connection, of_chosen)
    query = (
        select(*STARTUPS.c, STARTUP_EMBEDDINGS.c.model_id, STARTUP_EMBEDDINGS.c.vector)
        .outerjoin_from(STARTUPS, STARTUP_EMBEDDINGS, STARTUP_EMBEDDINGS.c.startup_id == STARTUPS.c.id)
        .where(chosen)
        .order_by(STARTUPS.c.opened_at.desc(), STARTUPS.c.id)
    )
    startups, unusable, texts = [], [], TextBlocks()
    for row in connection.execute(query).yield_per(_ROWS_AT_ONCE):
        before = known(row.id)
        text_before = None if before is None else before.embedding
        embedding = None if row.vector is None else texts.add(row.vector, text_before)
        if row.vector is not None and embedding is None:
            unusable.append(row.id)
        record = _startup_record(row, positions.get(row.id, ()), rounds.get(row.id, ()), embedding)
        startups.append(before if before is not None and _are_same(before, record) else record)
    return startups, frozenset(unusable)


def _are_same(one: StartupRecord, other: StartupRecord) -> bool:
    """Whether two records say the same, over one text in memory."""
    return one.embedding is other.embedding and _facts(one) == _facts(other)


def is_open(now: datetime) -> ColumnElement[bool]:
    """Whether members can find a startup at a moment."""
    startups = STARTUPS.c
    return and_(
        startups.status == _ACTIVE,
        startups.opened_at <= now,
        or_(startups.closed_at.is_(None), startups.closed_at > now),
    )


def _read_positions(connection: Connection, of: Select[str]) -> Mapping[str, tuple[Position, ...]]:
    by_startup: dict[str, tuple[Position, ...]] = defaultdict(tuple)
    query = select(POSITIONS).where(POSITIONS.c.startup_id.in_(of)).order_by(POSITIONS.c.id)
    for row in connection.execute(query):
        by_startup[row.startup_id] += (shared_position(row.title, row.requirements, row.is_active),)
    return by_startup


def _read_rounds(connection: Connection, of: Select[str]) -> Mapping[str, tuple[FundingRound, ...]]:
    by_startup: dict[str, tuple[FundingRound, ...]] = defaultdict(tuple)
    query = select(ROUNDS).where(ROUNDS.c.startup_id.in_(of)).order_by(ROUNDS.c.announced_on, ROUNDS.c.id)
    for row in connection.execute(query):
        funding_round = FundingRound(announced_on=row.announced_on, kind=row.kind, amount_usd=row.amount_usd)
        by_startup[row.startup_id] += (funding_round,)
    return by_startup


def _startup_record(
    row: Row[*tuple[Any, ...]],
    positions: tuple[Position, ...],
    rounds: tuple[FundingRound, ...],
    embedding: FloatArray | None,
) -> StartupRecord:
    """Words that many startups share are kept once."""
    return StartupRecord(
        id=intern(row.id),  # as in histories: a look-up by the same object reads less
        external_id=row.external_id,
        owner_id=row.owner_id and intern(row.owner_id),
        title=row.title,
        type=intern(row.type),
        category=intern(row.category),
        field=intern(row.field),
        phase=intern(row.phase),
        status=intern(row.status),
        stages=shared_words(*row.stages),
        tags=shared_words(*row.tags),
        location=shared_location(row.country, row.state, row.region, row.city),
        positions=positions,
        founded_on=row.founded_on,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        rounds=rounds,
        embedding=embedding,
        encoder=None if embedding is None else intern(row.model_id),
    )
