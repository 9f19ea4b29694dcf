"""Makes a change recommendable within seconds, behind the request: embeds its text and tells the service.

What is missed here is made up for by `generate_embeddings` and by the service, which polls.
"""

from __future__ import annotations

import logging
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction

from config.background import BackgroundWorker
from recommendations.client import recommendation_client
from recommendations.data_errors import EncoderError
from recommendations.embeddings import STARTUPS, USERS, EmbeddedKind, embedding_refresh
from recommendations.errors import RecommendationServiceError

logger = logging.getLogger(__name__)
WORKER = BackgroundWorker("publication")


def startup_publish(*, startup_id: UUID) -> None:
    """Once the transaction at hand is committed, make a new or changed startup recommendable as it is now."""
    _soon(STARTUPS, startup_id)


def member_publish(*, user_id: UUID) -> None:
    """Once the transaction at hand is committed, let recommendations follow what a member says of themselves now."""
    _soon(USERS, user_id)


def _soon(kind: EmbeddedKind, entity_id: UUID) -> None:
    if settings.PUBLISH_CHANGES:
        task = partial(_publish, kind, entity_id)
        transaction.on_commit(partial(WORKER.submit, (kind.name, entity_id), task))


def _publish(kind: EmbeddedKind, entity_id: UUID) -> None:
    """Tell the service twice: at once, for the encoder may have to be loaded first, and with the embedding."""
    startup_ids = [entity_id] if kind is STARTUPS else []
    _hint(startup_ids)
    if _embed(kind, entity_id):
        _hint(startup_ids)


def _embed(kind: EmbeddedKind, entity_id: UUID) -> bool:
    entity = kind.entities().filter(pk=entity_id).first()
    try:
        return entity is not None and embedding_refresh(kind, entity)
    except EncoderError as error:
        logger.warning(
            "%s %s stay without a fresh embedding until generate_embeddings: %s", kind.name, entity_id, error
        )
        return False


def _hint(startup_ids: list[UUID]) -> None:
    try:
        recommendation_client().refresh(startup_ids=startup_ids)
    except RecommendationServiceError as error:
        logger.info("the recommendation service will see the change when it polls next: %s", error)
