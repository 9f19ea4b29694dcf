"""Acts as looks: what a person did with a startup on one visit, from opening it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from contracts.interactions import InteractionType
from interactions.models import InteractionEvent

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
STEPS = (
    InteractionType.CLICK,
    InteractionType.LIKE,
    InteractionType.FAVORITE,
    InteractionType.APPLY,
    InteractionType.DISLIKE,
)
"""What may follow when a startup was opened; applying and stating interest are both `apply`."""
_STEP_OF = {kind: kind for kind in STEPS} | {InteractionType.INTEREST: InteractionType.APPLY}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looks:
    """V times that somebody opened a startup on a visit, those of one visit together, visits in order of time.

    Attributes:
        member: int64 [V].
        venture: int64 [V].
        day: int64 [V], full days since the first day of behaviour.
        visit: int64 [V], a number from 0 for each visit.
        did: Each of STEPS -> bool [V].
    """

    member: Rows
    venture: Rows
    day: Rows
    visit: Rows
    did: Mapping[InteractionType, Flags]

    def __len__(self) -> int:
        return len(self.member)


def read_looks(row_of: Mapping[Any, int], column_of: Mapping[Any, int], start: datetime, until: datetime) -> Looks:
    """Read the acts of some members (key -> row) on some startups strictly before a moment.

    What was taken back later was done all the same; acts that take back others, and those done twice, tell nothing.
    """
    acts = InteractionEvent.objects.acts().filter(occurred_at__lt=until).order_by("occurred_at", "id")
    columns = ("recommendation_request_id", "startup_id", "user_id", "occurred_at", "type")
    rows: dict[tuple[Any, Any], int] = {}
    visits: dict[Any, int] = {}
    opened: list[tuple[int, int, int, int]] = []
    did: list[tuple[int, InteractionType]] = []
    for visit, startup, user, moment, kind in acts.values_list(*columns).iterator():
        if user not in row_of or startup not in column_of:
            continue
        look = rows.setdefault((visit, startup), len(rows))
        if look == len(opened):
            number = visits.setdefault(visit, len(visits))
            opened.append((row_of[user], column_of[startup], (moment - start).days, number))
        if (step := _STEP_OF.get(InteractionType(kind))) is not None:
            did.append((look, step))
    member, venture, day, visit = (np.array([look[part] for look in opened], dtype=np.int64) for part in range(4))
    order = np.argsort(visit, kind="stable")
    return Looks(
        member=member[order],
        venture=venture[order],
        day=day[order],
        visit=visit[order],
        did={step: happened[order] for step, happened in _flags(did, len(opened)).items()},
    )


def _flags(did: list[tuple[int, InteractionType]], looks: int) -> dict[InteractionType, Flags]:
    flags = {step: np.zeros(looks, dtype=np.bool_) for step in STEPS}
    for look, step in did:
        flags[step][look] = True
    return flags
