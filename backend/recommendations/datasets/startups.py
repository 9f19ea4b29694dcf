"""The startups file: each startup's raw features and embedding, once, whatever its status.

A startup that is hidden or closed now was open when people acted on it; `status` and `closed_at` let the reader decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db.models import Case, F, QuerySet, Value, When

from imports.batching import batches
from recommendations.datasets.arrow_schemas import STARTUP_SCHEMA
from recommendations.datasets.record_batches import CHUNK, record_batch
from startups.models import FundingRound, Position, Startup

_STORED = ("external_id", "title", "type", "category", "field", "phase", "stages", "tags")
_PLACE = ("country", "state", "region", "city")
_DATES = ("status", "founded_on", "opened_at", "closed_at")
_COLUMNS = ("id", "owner_id", *_STORED, *_PLACE, *_DATES)

Listing = dict[UUID, list[dict[str, Any]]]


def startup_batches(embedding_model: str) -> Iterator[pa.RecordBatch]:
    """Every startup in order of id, in batches of STARTUP_SCHEMA."""
    for chunk in batches(_startups(embedding_model).iterator(chunk_size=CHUNK), CHUNK):
        yield record_batch(_features(chunk), STARTUP_SCHEMA)


def _startups(embedding_model: str) -> QuerySet[Startup, tuple[Any, ...]]:
    vector = Case(When(embedding__model_id=embedding_model, then=F("embedding__vector")), default=Value(None))
    return Startup.objects.order_by("pk").annotate(usable_vector=vector).values_list(*_COLUMNS, "usable_vector")


def _features(chunk: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    rows = [dict(zip((*_COLUMNS, "embedding"), values, strict=True)) for values in chunk]
    keys = [row["id"] for row in rows]
    positions, rounds = _positions(keys), _rounds(keys)
    for row in rows:
        key = row.pop("id")
        row["startup_id"] = str(key)
        row["owner_id"] = str(row["owner_id"]) if row["owner_id"] else None
        row["positions"] = positions[key]
        row["rounds"] = rounds[key]
    return rows


def _positions(startups: list[UUID]) -> Listing:
    found = Position.objects.filter(startup__in=startups).order_by("startup_id", "id")
    return _by_startup(found.values("startup_id", "title", "requirements", "is_active"))


def _rounds(startups: list[UUID]) -> Listing:
    found = FundingRound.objects.filter(startup__in=startups).order_by("startup_id", "announced_on", "id")
    return _by_startup(found.values("startup_id", "announced_on", "kind", "amount_usd"))


def _by_startup(rows: Iterable[Mapping[str, Any]]) -> Listing:
    grouped: Listing = defaultdict(list)
    for row in rows:
        grouped[row["startup_id"]].append({name: value for name, value in row.items() if name != "startup_id"})
    return grouped
