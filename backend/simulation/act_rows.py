"""Simulated acts as database rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from accounts.models import User
from imports.batching import batches
from imports.progress import ProgressReporter
from imports.row_writer import RowWriter
from interactions.models import InteractionEvent
from interactions.services import UNDO_KEY_PREFIX
from simulation.acts import KINDS, NOTHING, Acts
from simulation.config import SimulationConfig
from simulation.identity import visit_ids
from startups.models import Startup


class ActWriter:
    """Inserts acts between the rows of people and startups."""

    def __init__(self, users: Sequence[User], startups: Sequence[Startup], config: SimulationConfig) -> None:
        self._users = [user.pk for user in users]
        self._startups = [startup.pk for startup in startups]
        self._config = config

    def write(self, acts: Acts, writer: RowWriter, progress: ProgressReporter) -> int:
        """Insert all acts, those that are undone first: an undoing names the key its act got from the database."""
        own = np.flatnonzero(acts.undoes == NOTHING)
        undoings = np.flatnonzero(acts.undoes != NOTHING)
        undone = set(acts.undoes[undoings].tolist())
        keys: dict[int, int] = {}
        for batch in batches(progress.track(own.tolist(), description="Writing interactions", total=len(own))):
            events = writer.create(self._events(acts, np.array(batch)))
            keys.update((row, event.pk) for row, event in zip(batch, events, strict=True) if row in undone)
        writer.create(self._undoings(acts, undoings, keys))
        return len(acts)

    def _events(self, acts: Acts, rows: npt.NDArray[np.intp]) -> list[InteractionEvent]:
        chosen = acts.take(rows)
        visits = visit_ids(self._config.prefix, chosen.visit.tolist())
        return [
            self._event(
                *act,
                idempotency_key=f"{self._config.prefix}:{row}",
                recommendation_request_id=visit,
                recommendation_position=place,
            )
            for row, act, visit, place in zip(
                rows.tolist(), _columns(chosen), visits, chosen.place.tolist(), strict=True
            )
        ]

    def _undoings(self, acts: Acts, rows: npt.NDArray[np.intp], keys: dict[int, int]) -> list[InteractionEvent]:
        chosen = acts.take(rows)
        undone = [keys[row] for row in chosen.undoes.tolist()]
        return [
            self._event(*act, idempotency_key=f"{UNDO_KEY_PREFIX}{key}", undoes_id=key)
            for act, key in zip(_columns(chosen), undone, strict=True)
        ]

    def _event(self, member: int, venture: int, kind: int, time: int, **fields: object) -> InteractionEvent:
        return InteractionEvent(
            user_id=self._users[member],
            startup_id=self._startups[venture],
            type=KINDS[kind],
            occurred_at=self._config.start + timedelta(microseconds=time),
            **fields,
        )


def _columns(acts: Acts) -> list[tuple[int, int, int, int]]:
    return list(zip(acts.member.tolist(), acts.venture.tolist(), acts.kind.tolist(), acts.time.tolist(), strict=True))
