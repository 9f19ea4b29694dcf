"""What people lately did, as the data that the trending rung learns from and as counts for reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from contracts.interactions import PairOutcome
from recommendation_service.engines.reasons import LIKED_FROM
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    Catalogue,
    Interactions,
    TrainingData,
    UserRecord,
)
from recommendation_service.services.ports import RecentPair


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trends:
    """Recent acts on a catalogue.

    Attributes:
        data: The acts as training data over the catalogue's startups.
        interested: How many people liked, saved, applied to or were interested in a startup, by startup id.
    """

    data: TrainingData
    interested: Mapping[str, int]


def count_trends(catalogue: Catalogue, pairs: Sequence[RecentPair]) -> Trends:
    """The recent pairs whose startup is in the catalogue."""
    index_of = catalogue.index_of
    known = [pair for pair in pairs if pair.startup_id in index_of]
    user_rows = {user_id: row for row, user_id in enumerate(dict.fromkeys(pair.user_id for pair in known))}
    data = TrainingData(
        users=[UserRecord(id=user_id, role="") for user_id in user_rows],
        startups=catalogue.startups,
        interactions=_interactions(
            [user_rows[pair.user_id] for pair in known],
            [index_of[pair.startup_id] for pair in known],
            [pair.outcome for pair in known],
        ),
    )
    liked = Counter(pair.startup_id for pair in known if pair.outcome.label >= LIKED_FROM)
    return Trends(data=data, interested=liked)


def _interactions(users: Sequence[int], startups: Sequence[int], outcomes: Sequence[PairOutcome]) -> Interactions:
    return Interactions(
        user=np.array(users, dtype=np.int32),
        startup=np.array(startups, dtype=np.int32),
        label=np.array([outcome.label for outcome in outcomes], dtype=np.float32),
        weight=np.array([outcome.weight for outcome in outcomes], dtype=np.float32),
        kind=np.array([INTERACTION_KINDS.index(outcome.type.value) for outcome in outcomes], dtype=np.int8),
        time=np.array([to_microseconds(outcome.event_time) for outcome in outcomes], dtype=np.int64),
    )
