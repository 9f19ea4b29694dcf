"""What the recommender made of a member's words, for them to take along, and what it is told when they leave."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.parts import OwnedStartups, exports, on_departure
from recommendations.embedding_vectors import vector_from_bytes
from recommendations.models import FeedPage, UserEmbedding
from recommendations.publication import member_publish, startup_publish
from recommendations.selectors import impression_list, recommendation_settings


@exports("embedding")
def embedding(user: User) -> dict[str, Any] | None:
    """The vector that stands for what they say of themselves, and what made it."""
    stored = UserEmbedding.objects.filter(user=user).first()
    if stored is None:
        return None
    vector = vector_from_bytes(stored.vector)
    return {"model": stored.model_id, "made_at": stored.updated_at, "vector": vector.tolist()}


@exports("recommendation_settings")
def settings(user: User) -> dict[str, Any]:
    """What they decided about their recommendations."""
    return {"is_personalised": recommendation_settings(user=user).is_personalised}


@exports("impressions")
def impressions(user: User) -> list[dict[str, Any]]:
    """What was on their screen, the latest first."""
    names = ("shown_at", "startup_id", "request_id", "position", "surface", "engine", "model_version")
    return list(impression_list(user=user).values(*names))


@exports("lists")
def lists(user: User) -> list[dict[str, Any]]:
    """The lists that were made for them in the last days and are still kept, with what they asked for."""
    names = ("created_at", "surface", "number", "query", "request_id", "engine", "model_version", "segment", "items")
    return list(FeedPage.objects.filter(user=user).order_by("created_at", "number").values(*names))


@on_departure
def look_again(user: User, _startups: OwnedStartups) -> None:
    """Once they are gone, let whoever keeps people or startups in memory look again."""
    for startup_id in user.startups.values_list("pk", flat=True):
        startup_publish(startup_id=startup_id)
    member_publish(user_id=user.pk)
