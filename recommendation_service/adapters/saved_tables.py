"""Startups and acts as tables and back, without the texts of the startups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sys import intern

import polars as pl

from contracts.dataset import STARTUP_COLUMNS
from contracts.interactions import InteractionType, PairOutcome
from recommendation_service.adapters.dataset_tables import POLARS_TYPES, startup_of_row
from recommendation_service.engines.types import FloatArray, FundingRound, Position, StartupRecord
from recommendation_service.services.ports import RecentPair

_HAS_TEXT = "has_text"
_STARTUP_SCHEMA = {
    **{name: POLARS_TYPES[kind.removesuffix("?")] for name, kind in STARTUP_COLUMNS.items() if name != "embedding"},
    _HAS_TEXT: pl.Boolean(),
}
_PLAIN = ("external_id", "owner_id", "title", "type", "category", "field", "phase", "status")
_MOMENTS = ("founded_on", "opened_at", "closed_at")
_REPEATED = ("type", "category", "field", "phase", "status", "country", "state", "region", "city")
"""Columns of few different values."""


def startups_table(startups: Sequence[StartupRecord]) -> pl.DataFrame:
    """The columns of `STARTUP_COLUMNS`, and whether there is a text in place of the text."""
    columns: dict[str, Iterable[object]] = {
        "startup_id": [startup.id for startup in startups],
        **{name: [getattr(startup, name) for startup in startups] for name in (*_PLAIN, *_MOMENTS)},
        **{name: [list(getattr(startup, name)) for startup in startups] for name in ("stages", "tags")},
        **{
            name: [getattr(startup.location, name) for startup in startups]
            for name in ("country", "state", "region", "city")
        },
        "positions": [[_fields(position) for position in startup.positions] for startup in startups],
        "rounds": [[_fields(funding_round) for funding_round in startup.rounds] for startup in startups],
        _HAS_TEXT: [startup.embedding is not None for startup in startups],
    }
    return pl.DataFrame({name: columns[name] for name in _STARTUP_SCHEMA}, schema=_STARTUP_SCHEMA)


def _fields(part: Position | FundingRound) -> dict[str, object]:
    return {name: getattr(part, name) for name in part.__slots__}


def startups_from_table(table: pl.DataFrame, texts: FloatArray) -> list[StartupRecord]:
    """The records that `startups_table` laid out.

    Args:
        table: N rows.
        texts: float32 [N, D]; the records' embeddings are views of its rows.
    """
    return [
        startup_of_row(row | {name: intern(row[name]) for name in _REPEATED}, texts[number] if row[_HAS_TEXT] else None)
        for number, row in enumerate(table.iter_rows(named=True))
    ]


def pairs_table(pairs: Sequence[RecentPair]) -> pl.DataFrame:
    """A row for each pair."""
    return pl.DataFrame(
        {
            "user_id": [pair.user_id for pair in pairs],
            "startup_id": [pair.startup_id for pair in pairs],
            "type": [pair.outcome.type.value for pair in pairs],
            "label": [pair.outcome.label for pair in pairs],
            "weight": [pair.outcome.weight for pair in pairs],
            "event_time": [pair.outcome.event_time for pair in pairs],
        },
        schema={
            "user_id": pl.String(),
            "startup_id": pl.String(),
            "type": pl.String(),
            "label": pl.Float64(),
            "weight": pl.Float64(),
            "event_time": pl.Datetime("us", "UTC"),
        },
    )


def pairs_from_table(table: pl.DataFrame) -> list[RecentPair]:
    """The pairs that `pairs_table` laid out."""
    return [
        RecentPair(
            user_id=row["user_id"],
            startup_id=row["startup_id"],
            outcome=PairOutcome(
                type=InteractionType(row["type"]),
                label=row["label"],
                weight=row["weight"],
                event_time=row["event_time"],
            ),
        )
        for row in table.iter_rows(named=True)
    ]
