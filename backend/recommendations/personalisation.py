"""Turns personal recommendations off and on."""

from __future__ import annotations

from accounts.models import User
from recommendations.models import RecommendationSettings


def personalisation_change(*, user: User, is_personalised: bool) -> RecommendationSettings:
    """Decide whether the person's lists are their own; again is harmless."""
    decided, _ = RecommendationSettings.objects.update_or_create(
        user=user, defaults={"is_personalised": is_personalised}
    )
    return decided
