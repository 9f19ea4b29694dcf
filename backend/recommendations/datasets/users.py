"""The users file: each active person's raw features and embedding, once.

Who left the platform, was locked out of it, or turned personal recommendations off takes no part in learning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pyarrow as pa
from django.db.models import Case, F, QuerySet, Value, When

from accounts.models import User
from contracts.named_terms import Interests, interests_of
from imports.batching import batches
from recommendations.datasets.arrow_schemas import USER_SCHEMA
from recommendations.datasets.record_batches import CHUNK, record_batch

_COLUMNS = {
    "user_id": "pk",
    "external_id": "external_id",
    "role": "role",
    **{part: f"profile__{part}" for part in ("country", "state", "region", "city", "skills", "bio")},
    **{part: f"preferences__{part}" for part in ("categories", "fields", "tags", "stages")},
    "wanted_skills": "preferences__skills",
    "created_at": "date_joined",
}
_TEXTS = ("country", "state", "region", "city")
_INTERESTS = ("categories", "fields", "tags")


def user_batches(embedding_model: str) -> Iterator[pa.RecordBatch]:
    """Every active person in order of id, in batches of USER_SCHEMA."""
    names = (*_COLUMNS, "embedding")
    for chunk in batches(_users(embedding_model).iterator(chunk_size=CHUNK), CHUNK):
        yield record_batch([_features(dict(zip(names, values, strict=True))) for values in chunk], USER_SCHEMA)


def _users(embedding_model: str) -> QuerySet[User, tuple[Any, ...]]:
    vector = Case(When(embedding__model_id=embedding_model, then=F("embedding__vector")), default=Value(None))
    people = (
        User.objects.filter(is_active=True)
        .exclude(recommendation_settings__is_personalised=False)
        .order_by("pk")
        .annotate(usable_vector=vector)
    )
    return people.values_list(*_COLUMNS.values(), "usable_vector")


def _features(row: dict[str, Any]) -> dict[str, Any]:
    """Skills a person has and skills they want to use are one list, and so are terms chosen and terms named."""
    row["user_id"] = str(row["user_id"])
    row["skills"] = list(dict.fromkeys([*(row["skills"] or []), *(row.pop("wanted_skills") or [])]))
    row.update({name: row[name] or "" for name in _TEXTS})
    chosen = Interests(**{name: tuple(row[name] or ()) for name in _INTERESTS})
    row.update(asdict(interests_of(row.pop("bio") or "", chosen)), stages=row["stages"] or [])
    return row
