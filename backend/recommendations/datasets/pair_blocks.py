"""Reduces the log of events to labelled pairs, a block of whole users at a time, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from contracts.interactions import LABELS, SAMPLED_NEGATIVE, Act, InteractionType, resolve_pair
from interactions.models import InteractionEvent
from recommendations.datasets.moments import microseconds

KINDS: tuple[str, ...] = (*(kind.value for kind in InteractionType), SAMPLED_NEGATIVE)
"""Code (position) of each interaction type in integer arrays."""
KIND_LABELS: npt.NDArray[np.float32] = np.array([LABELS[kind] for kind in KINDS], dtype=np.float32)

_CODES: Mapping[str, int] = {kind: code for code, kind in enumerate(KINDS)}
_TYPES: Mapping[str, InteractionType] = {kind.value: kind for kind in InteractionType}
_READ_AHEAD = 5000

EventRow = tuple[UUID, UUID, str, datetime, datetime | None]
"""User, startup, type, moment, and the moment at which it was undone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairRows:
    """Labelled pairs as parallel arrays of length P.

    Attributes:
        user: int32 [P], row of the users file.
        startup: int32 [P], row of the startups file.
        kind: int8 [P], position in KINDS.
        time: int64 [P], microseconds since 1970.
    """

    user: npt.NDArray[np.int32]
    startup: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int8]
    time: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.user)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairBlock:
    """Everything about the users of one block.

    Attributes:
        pairs: What belongs into the dataset.
        touched_user: int32 [T], with `touched_startup` every pair with any event, withdrawn ones included.
    """

    pairs: PairRows
    touched_user: npt.NDArray[np.int32]
    touched_startup: npt.NDArray[np.int32]


def event_rows(until: datetime | None) -> Iterator[EventRow]:
    """The acts before `until`, ordered by person, startup and moment, read in small portions.

    An act counts as undone only if that happened before `until` too. Undo rows are skipped here and not in the query:
    asked for rows that undo nothing, SQLite takes that index and sorts the whole log, where `event_pair` has it sorted.
    """
    ordered = _events(until).order_by("user_id", "startup_id", "occurred_at", "id")
    columns = ("user_id", "startup_id", "type", "occurred_at", "undone_by__occurred_at", "undoes_id")
    rows: Iterator[tuple[Any, ...]] = ordered.values_list(*columns).iterator(chunk_size=_READ_AHEAD)
    for user, startup, kind, occurred_at, undone_at, undoes in rows:
        if undoes is None:
            yield user, startup, kind, occurred_at, _before(undone_at, until)


def act_count(until: datetime | None) -> int:
    """How many rows `event_rows` has."""
    return _events(until).filter(undoes__isnull=True).count()


def _events(until: datetime | None) -> QuerySet[InteractionEvent]:
    events = InteractionEvent.objects.all()
    return events if until is None else events.filter(occurred_at__lt=until)


def _before(moment: datetime | None, until: datetime | None) -> datetime | None:
    return moment if moment is not None and (until is None or moment < until) else None


def pair_blocks(
    events: Iterable[EventRow],
    *,
    users: Mapping[UUID, int],
    startups: Mapping[UUID, int],
    since: datetime | None,
    size: int,
) -> Iterator[PairBlock]:
    """The pairs of each person, in blocks of about `size` touched pairs.

    Acts before `since` take part in deciding what a pair amounts to; pairs decided before it are left out.

    Args:
        events: Ordered by person, then startup, then moment.
        users: Row of each person of the users file; other people are skipped.
        startups: Row of each startup of the startups file; others are skipped.
    """
    builder = _Builder(since=since)
    for user, acts_of_user in groupby(events, key=itemgetter(0)):
        row = users.get(user)
        if row is None:
            continue
        for startup, acts in groupby(acts_of_user, key=itemgetter(1)):
            if startup in startups:
                builder.add(row, startups[startup], acts)
        if len(builder.touched_user) >= size:
            yield builder.build()
            builder = _Builder(since=since)
    if builder.touched_user:
        yield builder.build()


@dataclass(slots=True, kw_only=True)
class _Builder:
    since: datetime | None
    user: list[int] = field(default_factory=list)
    startup: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    time: list[int] = field(default_factory=list)
    touched_user: list[int] = field(default_factory=list)
    touched_startup: list[int] = field(default_factory=list)

    def add(self, user: int, startup: int, events: Iterable[EventRow]) -> None:
        self.touched_user.append(user)
        self.touched_startup.append(startup)
        outcome = resolve_pair(
            Act(type=_TYPES[kind], occurred_at=occurred_at, withdrawn=undone_at is not None)
            for _, _, kind, occurred_at, undone_at in events
        )
        if outcome is None or (self.since is not None and outcome.event_time < self.since):
            return
        self.user.append(user)
        self.startup.append(startup)
        self.kind.append(_CODES[outcome.type])
        self.time.append(microseconds(outcome.event_time))

    def build(self) -> PairBlock:
        return PairBlock(
            pairs=PairRows(
                user=np.array(self.user, dtype=np.int32),
                startup=np.array(self.startup, dtype=np.int32),
                kind=np.array(self.kind, dtype=np.int8),
                time=np.array(self.time, dtype=np.int64),
            ),
            touched_user=np.array(self.touched_user, dtype=np.int32),
            touched_startup=np.array(self.touched_startup, dtype=np.int32),
        )
