"""A platform of five people and four startups whose acts are written down."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from contracts.interactions import LABELS, WEIGHTS, InteractionType
from recommendation_service.engines.histories import user_states
from recommendation_service.engines.timeline import from_microseconds
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    Catalogue,
    Interactions,
    StartupRecord,
    TrainingData,
    UserRecord,
    UserState,
)

LIKES = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 1, 1]], dtype=np.float64)
"""Who (row) liked what (column)."""
OPENED = datetime(2024, 1, 1, tzinfo=UTC)
FIRST_ACT = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)
DAY = 86_400_000_000


def likes_data(likes: np.ndarray = LIKES) -> TrainingData:
    """One like a day, in the order of rows and columns."""
    user, startup = np.nonzero(likes)
    kind = InteractionType.INTEREST
    return TrainingData(
        users=[UserRecord(id=f"u{row}", role="investor") for row in range(likes.shape[0])],
        startups=[StartupRecord(id=f"s{column}", opened_at=OPENED) for column in range(likes.shape[1])],
        interactions=Interactions(
            user=user.astype(np.int32),
            startup=startup.astype(np.int32),
            label=np.full(len(user), LABELS[kind], dtype=np.float32),
            weight=np.full(len(user), WEIGHTS[kind], dtype=np.float32),
            kind=np.full(len(user), INTERACTION_KINDS.index(kind), dtype=np.int8),
            time=FIRST_ACT + DAY * np.arange(len(user)),
        ),
    )


@pytest.fixture
def data() -> TrainingData:
    return likes_data()


@pytest.fixture
def catalogue(data: TrainingData) -> Catalogue:
    """The startups in another order, and one that nobody has seen."""
    unseen = StartupRecord(id="unseen", opened_at=OPENED)
    return Catalogue(startups=[unseen, *reversed(data.startups)])


@pytest.fixture
def states(data: TrainingData) -> list[UserState]:
    """Everybody after the last act."""
    end = from_microseconds(int(data.interactions.time.max()) + 1)
    return user_states(data, np.arange(len(data.users)), end)
