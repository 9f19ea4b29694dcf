"""Reads what a person decided about their recommendations and what was shown to them."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from recommendations.models import Impression, RecommendationSettings


def recommendation_settings(*, user: User) -> RecommendationSettings:
    """What the person decided; the defaults, not stored, where they decided nothing."""
    decided = RecommendationSettings.objects.filter(user=user).first()
    return decided or RecommendationSettings(user=user)


def impression_list(*, user: User) -> QuerySet[Impression]:
    """What was on the person's screen, the latest first."""
    return Impression.objects.filter(user=user).order_by("-shown_at", "-id")
