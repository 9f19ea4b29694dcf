"""The reasons of a list, asked of the snapshot that made it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contracts.api import Reason, Rung
from recommendation_service.engines.reasons import explain
from recommendation_service.engines.types import UserState
from recommendation_service.services.snapshot import Snapshot


def reasons_of(
    snapshot: Snapshot, user: UserState, columns: Sequence[int], rung: Rung, now: datetime, *, wanted: bool
) -> Sequence[list[Reason]]:
    """The reasons of each item; none where none are wanted.

    Args:
        snapshot: Holds the numbers that ranked, and the engine of the rung.
        user: For whom the list is.
        columns: The list.
        rung: What made it.
        now: The moment of the answer.
        wanted: Whether anybody asked.
    """
    if not wanted:
        return [[]] * len(columns)
    engine = snapshot.rungs.get(rung)
    known = user if user.is_personalised else user.as_stranger()
    return explain(snapshot.reasons, known, columns, rung, now, None if engine is None else engine.scorer)
