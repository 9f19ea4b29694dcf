from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.services.ports import TextCounts
from recommendations.models import StartupEmbedding
from startups.models import Startup

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
VECTOR = np.linspace(-1, 1, EMBEDDING_DIM, dtype=np.float32).tobytes()


def test_nothing_open_is_nothing(database: SqlPlatformDatabase, add_startup: Callable[..., Startup]) -> None:
    add_startup("later", opened_at=NOW + timedelta(days=1))
    assert database.text_counts(NOW) == TextCounts(startups=0, by_encoder={})


def test_texts_of_open_startups_are_counted_by_what_made_them(
    database: SqlPlatformDatabase, add_startup: Callable[..., Startup]
) -> None:
    closed = {"closed_at": NOW}
    rows = [("a", "old", VECTOR, {}), ("b", "new", VECTOR, {}), ("c", "new", VECTOR, {}), ("d", "new", VECTOR, closed)]
    narrow = ("e", "narrow", VECTOR[: 4 * 128], {})
    for title, encoder, vector, fields in [*rows, narrow]:
        startup = add_startup(title, **fields)
        StartupEmbedding.objects.create(startup=startup, model_id=encoder, text_hash="h", vector=vector)
    add_startup("without")
    assert database.text_counts(NOW) == TextCounts(startups=5, by_encoder={"old": 1, "new": 2})
