"""Startups and acts as tables and back, without the texts of the startups. Lists are JSON in a column of text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from sys import intern
from typing import Any

import polars as pl

from contracts.interactions import InteractionType, PairOutcome
from recommendation_service.engines.types import FloatArray, FundingRound, Location, Position, StartupRecord
from recommendation_service.services.ports import RecentPair

_MOMENT = pl.Datetime("us", "UTC")
_PLACE = ("country", "state", "region", "city")
_EMPTY = "[]"
_SHARED = 16_384
"""So many places, and as many lists of words, are kept to be shared by the startups that have the same."""
_SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("id", "external_id", "owner_id", "title", "type", "category", "field", "phase"), pl.String()),
    **dict.fromkeys(("status", *_PLACE, "stages", "tags", "positions", "rounds"), pl.String()),
    "founded_on": pl.Date(),
    "opened_at": _MOMENT,
    "closed_at": _MOMENT,
    "has_text": pl.Boolean(),
}


def startups_table(startups: Sequence[StartupRecord]) -> pl.DataFrame:
    """A row for each startup; whether it has a text stands in place of the text."""
    return pl.DataFrame([_row(startup) for startup in startups], schema=_SCHEMA, orient="row")


def _row(startup: StartupRecord) -> tuple[object, ...]:
    """In the order of the schema."""
    place = startup.location
    return (
        startup.id,
        startup.external_id,
        startup.owner_id,
        startup.title,
        startup.type,
        startup.category,
        startup.field,
        startup.phase,
        startup.status,
        place.country,
        place.state,
        place.region,
        place.city,
        json.dumps(startup.stages),
        json.dumps(startup.tags),
        json.dumps([(position.title, position.requirements, position.is_active) for position in startup.positions]),
        json.dumps([(made.announced_on.isoformat(), made.kind, made.amount_usd) for made in startup.rounds]),
        startup.founded_on,
        startup.opened_at,
        startup.closed_at,
        startup.embedding is not None,
    )


def startups_from_table(table: pl.DataFrame, texts: FloatArray) -> list[StartupRecord]:
    """The records that `startups_table` laid out; words that many share are kept once.

    Args:
        table: N rows.
        texts: float32 [N, D]; the records' embeddings are views of its rows.

    Raises:
        ValueError: If a list cannot be read.
    """
    return [_record(row, texts[number]) for number, row in enumerate(table.iter_rows(named=True))]


def _record(row: dict[str, Any], text: FloatArray) -> StartupRecord:
    return StartupRecord(
        id=row["id"],
        external_id=row["external_id"],
        owner_id=row["owner_id"],
        title=row["title"],
        type=intern(row["type"]),
        category=intern(row["category"]),
        field=intern(row["field"]),
        phase=intern(row["phase"]),
        status=intern(row["status"]),
        location=_location(*(row[name] for name in _PLACE)),
        stages=_words(row["stages"]),
        tags=_words(row["tags"]),
        positions=_positions(row["positions"]),
        rounds=_rounds(row["rounds"]),
        founded_on=row["founded_on"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        embedding=text if row["has_text"] else None,
    )


@lru_cache(maxsize=_SHARED)
def _location(country: str, state: str, region: str, city: str) -> Location:
    return Location(country=intern(country), state=intern(state), region=intern(region), city=intern(city))


@lru_cache(maxsize=_SHARED)
def _words(words: str) -> tuple[str, ...]:
    return tuple(map(intern, json.loads(words)))


def _positions(positions: str) -> tuple[Position, ...]:
    if positions == _EMPTY:
        return ()
    return tuple(
        Position(title=title, requirements=requirements, is_active=is_active)
        for title, requirements, is_active in json.loads(positions)
    )


def _rounds(rounds: str) -> tuple[FundingRound, ...]:
    if rounds == _EMPTY:
        return ()
    return tuple(
        FundingRound(announced_on=date.fromisoformat(day), kind=kind, amount_usd=amount)
        for day, kind, amount in json.loads(rounds)
    )


_PAIR_SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("user_id", "startup_id", "type"), pl.String()),
    **dict.fromkeys(("label", "weight"), pl.Float64()),
    "event_time": _MOMENT,
}


def pairs_table(pairs: Sequence[RecentPair]) -> pl.DataFrame:
    """A row for each pair."""
    rows = [
        (pair.user_id, pair.startup_id, made.type.value, made.label, made.weight, made.event_time)
        for pair in pairs
        for made in (pair.outcome,)
    ]
    return pl.DataFrame(rows, schema=_PAIR_SCHEMA, orient="row")


def pairs_from_table(table: pl.DataFrame) -> list[RecentPair]:
    """The pairs that `pairs_table` laid out."""
    return [
        RecentPair(
            user_id=user_id,
            startup_id=startup_id,
            outcome=PairOutcome(type=InteractionType(kind), label=label, weight=weight, event_time=event_time),
        )
        for user_id, startup_id, kind, label, weight, event_time in table.iter_rows()
    ]
