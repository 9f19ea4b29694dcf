"""Counts the open startups' texts by what made them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.adapters.catalogue_reader import is_open
from recommendation_service.adapters.platform_schema import STARTUP_EMBEDDINGS, STARTUPS
from recommendation_service.services.ports import TextCounts


def read_text_counts(connection: Connection, now: datetime) -> TextCounts:
    """How many startups are open at `now`, and how many of them have a text of the right width, by its encoder."""
    texts = STARTUP_EMBEDDINGS.c
    query = (
        select(texts.model_id, func.count())
        .join_from(STARTUPS, STARTUP_EMBEDDINGS, texts.startup_id == STARTUPS.c.id)
        .where(is_open(now), func.length(texts.vector) == 4 * EMBEDDING_DIM)
        .group_by(texts.model_id)
    )
    startups = connection.execute(select(func.count()).select_from(STARTUPS).where(is_open(now))).scalar_one()
    return TextCounts(startups=startups, by_encoder={row[0]: row[1] for row in connection.execute(query)})
