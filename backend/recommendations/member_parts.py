"""What the recommender made of a member's words, for them to take along."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.parts import exports
from recommendations.embedding_vectors import vector_from_bytes
from recommendations.models import UserEmbedding


@exports("embedding")
def embedding(user: User) -> dict[str, Any] | None:
    """The vector that stands for what they say of themselves, and what made it."""
    stored = UserEmbedding.objects.filter(user=user).first()
    if stored is None:
        return None
    vector = vector_from_bytes(stored.vector)
    return {"model": stored.model_id, "made_at": stored.updated_at, "vector": vector.tolist()}
