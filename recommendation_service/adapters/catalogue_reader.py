"""Reads the open catalogue: startups with their positions, funding rounds and text embeddings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from recommendation_service.adapters.embedding_bytes import decode_embedding
from recommendation_service.adapters.platform_schema import POSITIONS, ROUNDS, STARTUP_EMBEDDINGS, STARTUPS
from recommendation_service.engines.types import FundingRound, Location, Position, StartupRecord
from recommendation_service.services.ports import OpenStartups

_ACTIVE = "active"


def read_catalogue_version(connection: Connection, now: datetime) -> Hashable:
    """Counts, sizes and latest changes of all that the catalogue is made of.

    Positions and rounds carry no time of change, so their texts' total length stands in for one.
    """
    queries: list[Select[*tuple[Any, ...]]] = [
        select(func.count(), func.max(STARTUPS.c.updated_at)).where(_is_open(now)),
        select(func.max(STARTUPS.c.updated_at)),
        select(
            func.count(),
            func.max(POSITIONS.c.id),
            func.sum(func.length(POSITIONS.c.title) + func.length(POSITIONS.c.requirements)),
        ),
        select(func.count()).where(POSITIONS.c.is_active),
        select(func.count(), func.max(ROUNDS.c.id)),
        select(func.count(), func.max(STARTUP_EMBEDDINGS.c.updated_at)),
    ]
    return tuple(tuple(connection.execute(query).one()) for query in queries)


def read_open_startups(connection: Connection, now: datetime) -> OpenStartups:
    """All startups that are active and open at `now`, newest first."""
    positions, rounds = _read_positions(connection), _read_rounds(connection)
    query = (
        select(*STARTUPS.c, STARTUP_EMBEDDINGS.c.vector)
        .outerjoin_from(STARTUPS, STARTUP_EMBEDDINGS, STARTUP_EMBEDDINGS.c.startup_id == STARTUPS.c.id)
        .where(_is_open(now))
        .order_by(STARTUPS.c.opened_at.desc(), STARTUPS.c.id)
    )
    startups, invalid = [], 0
    for row in connection.execute(query):
        record = _startup_record(row, positions.get(row.id, ()), rounds.get(row.id, ()))
        invalid += row.vector is not None and record.embedding is None
        startups.append(record)
    return OpenStartups(startups=startups, invalid_embeddings=invalid)


def _is_open(now: datetime) -> ColumnElement[bool]:
    startups = STARTUPS.c
    return and_(
        startups.status == _ACTIVE,
        startups.opened_at <= now,
        or_(startups.closed_at.is_(None), startups.closed_at > now),
    )


def _read_positions(connection: Connection) -> Mapping[str, tuple[Position, ...]]:
    by_startup: dict[str, tuple[Position, ...]] = defaultdict(tuple)
    for row in connection.execute(select(POSITIONS).order_by(POSITIONS.c.id)):
        position = Position(title=row.title, requirements=row.requirements, is_active=row.is_active)
        by_startup[row.startup_id] += (position,)
    return by_startup


def _read_rounds(connection: Connection) -> Mapping[str, tuple[FundingRound, ...]]:
    by_startup: dict[str, tuple[FundingRound, ...]] = defaultdict(tuple)
    for row in connection.execute(select(ROUNDS).order_by(ROUNDS.c.announced_on, ROUNDS.c.id)):
        funding_round = FundingRound(announced_on=row.announced_on, kind=row.kind, amount_usd=row.amount_usd)
        by_startup[row.startup_id] += (funding_round,)
    return by_startup


def _startup_record(
    row: Row[*tuple[Any, ...]], positions: tuple[Position, ...], rounds: tuple[FundingRound, ...]
) -> StartupRecord:
    return StartupRecord(
        id=row.id,
        external_id=row.external_id,
        owner_id=row.owner_id,
        title=row.title,
        type=row.type,
        category=row.category,
        field=row.field,
        phase=row.phase,
        status=row.status,
        stages=tuple(row.stages),
        tags=tuple(row.tags),
        location=Location(country=row.country, state=row.state, region=row.region, city=row.city),
        positions=positions,
        founded_on=row.founded_on,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        rounds=rounds,
        embedding=None if row.vector is None else decode_embedding(row.vector),
    )
