"""Makes the text embeddings that are missing or out of date, and stores them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from recommendations.embedding_texts import startup_text, user_text
from recommendations.embedding_vectors import text_hash, vector_to_bytes
from recommendations.models import StartupEmbedding, TextEmbedding, UserEmbedding
from recommendations.text_encoders import TextEncoder, text_encoder
from startups.models import Startup

PAGE = 20_000
"""Entities looked at together: their texts are sorted by length, and each distinct one is encoded once."""
COMMIT = 512
"""Texts encoded and stored together: what an interruption may cost."""

Progress = Callable[[int, int], None]
"""Called with the number of entities embedded so far and the number to embed as far as known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedKind:
    """A kind of entity that has text embeddings.

    Attributes:
        name: `users` or `startups`.
        owner: The field of the embedding that points to the entity.
    """

    name: str
    entities: Callable[[], QuerySet[Any]]
    text: Callable[[Any], str]
    embedding: type[TextEmbedding]
    owner: str


USERS = EmbeddedKind(
    name="users",
    entities=lambda: User.objects.filter(is_active=True).select_related("profile", "preferences", "embedding"),
    text=user_text,
    embedding=UserEmbedding,
    owner="user_id",
)
STARTUPS = EmbeddedKind(
    name="startups",
    entities=lambda: Startup.objects.select_related("embedding").prefetch_related("positions"),
    text=startup_text,
    embedding=StartupEmbedding,
    owner="startup_id",
)
KINDS = (USERS, STARTUPS)


@dataclass(slots=True, kw_only=True)
class EmbeddingSummary:
    """What a run did to the entities of one kind.

    Attributes:
        embedded: Entities whose embedding is new or replaced.
        texts: Distinct texts that were encoded for them.
        unchanged: Entities whose embedding was up to date.
        without_text: Entities that say nothing, and so have no embedding.
    """

    embedded: int = 0
    texts: int = 0
    unchanged: int = 0
    without_text: int = 0


def embeddings_generate(
    kind: EmbeddedKind, encoder: TextEncoder, *, force: bool = False, progress: Progress = lambda _done, _total: None
) -> EmbeddingSummary:
    """Embed the entities of a kind that are new, or whose text or text encoder changed.

    What is done is stored every `COMMIT` texts, so an interrupted run goes on where it stopped.

    Args:
        force: Embed all, whatever is stored.

    Raises:
        EncoderError: If the encoder fails; what was stored before stays.
    """
    summary = EmbeddingSummary()
    total = kind.entities().count()
    for page in _pages(kind.entities().defer("embedding__vector")):
        pending = _pending(kind, page, None if force else encoder.model_id, summary)
        for batch in _batches(list(pending)):
            summary.embedded += _store(kind, encoder, {text: pending[text] for text in batch})
            summary.texts += len(batch)
            progress(summary.embedded, total - summary.unchanged - summary.without_text)
    return summary


def embedding_refresh_for(startup: Startup) -> bool:
    """Bring the embedding of one startup up to date, with the encoder that the settings name.

    Returns:
        Whether a new embedding was made.

    Raises:
        EncoderError: If the encoder is not installed or fails.
    """
    return embedding_refresh(STARTUPS, startup)


def embedding_refresh(kind: EmbeddedKind, entity: Any) -> bool:
    """Bring the embedding of one entity up to date, as `embedding_refresh_for` does."""
    name = settings.ENVIRONMENT.text_encoder
    pending = _pending(kind, [entity], name, EmbeddingSummary())
    return bool(pending) and _store(kind, text_encoder(name), pending) > 0


def _pages(entities: QuerySet[Any]) -> Iterator[list[Any]]:
    """Page after page by key; each page is a query of its own, so that storing between them disturbs no open cursor."""
    ordered = entities.order_by("pk")
    page = list(ordered[:PAGE])
    while page:
        yield page
        page = list(ordered.filter(pk__gt=page[-1].pk)[:PAGE])


def _pending(
    kind: EmbeddedKind, entities: Sequence[Any], current_model: str | None, summary: EmbeddingSummary
) -> dict[str, list[UUID]]:
    """The texts to encode, each with the entities that say it; removes the embeddings of those that say nothing now."""
    pending: defaultdict[str, list[UUID]] = defaultdict(list)
    silent: list[UUID] = []
    for entity in entities:
        text = kind.text(entity)
        if not text:
            silent.append(entity.pk)
        elif _is_current(getattr(entity, "embedding", None), text, current_model):
            summary.unchanged += 1
        else:
            pending[text].append(entity.pk)
    if silent:
        summary.without_text += len(silent)
        removed = kind.embedding._default_manager.filter(pk__in=silent)
        _touch(kind, list(removed.values_list("pk", flat=True)))
        removed.delete()
    return pending


def _is_current(stored: TextEmbedding | None, text: str, model_id: str | None) -> bool:
    return stored is not None and stored.model_id == model_id and stored.text_hash == text_hash(text)


def _batches(texts: list[str]) -> list[list[str]]:
    """Texts of about one length together, so that little is padding; in mixed order, so that the time left is true."""
    ordered = sorted(texts, key=len)
    batches = [ordered[start : start + COMMIT] for start in range(0, len(ordered), COMMIT)]
    return [batches[place] for place in np.random.default_rng(0).permutation(len(batches))]


def _store(kind: EmbeddedKind, encoder: TextEncoder, pending: dict[str, list[UUID]]) -> int:
    vectors = dict(zip(pending, encoder.encode(list(pending)), strict=True))
    made = {
        key: {"model_id": encoder.model_id, "text_hash": text_hash(text), "vector": vector_to_bytes(vectors[text])}
        for text, keys in pending.items()
        for key in keys
    }
    with transaction.atomic():
        return _upsert(kind, made)


def _upsert(kind: EmbeddedKind, made: dict[UUID, dict[str, Any]]) -> int:
    """Write the embeddings of the entities that still exist: some may have been deleted while texts were encoded."""
    alive = kind.entities().select_related(None).prefetch_related(None).filter(pk__in=made)
    keys = list(alive.select_for_update(no_key=True).values_list("pk", flat=True))
    kind.embedding._default_manager.bulk_create(
        [kind.embedding(**{kind.owner: key}, **made[key]) for key in keys],
        update_conflicts=True,
        unique_fields=[kind.owner.removesuffix("_id")],
        update_fields=["model_id", "text_hash", "vector", "updated_at"],
    )
    _touch(kind, keys)
    return len(keys)


def _touch(kind: EmbeddedKind, keys: Sequence[UUID]) -> None:
    """An entity whose embedding changed has changed: whoever keeps entities in memory looks for that."""
    if keys:
        plain = kind.entities().select_related(None).prefetch_related(None)
        plain.filter(pk__in=keys).update(updated_at=timezone.now())
