"""Gets people for a startup: from the recommendation service, or the newest members when that fails."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db.models import QuerySet

from accounts.models import Role, User
from contracts.api import Reason, RecommendedPerson, Rung
from recommendations.client import recommendation_client
from recommendations.errors import RecommendationServiceError
from startups.models import Startup

logger = logging.getLogger(__name__)
NEW_HERE = Reason(kind="newest", values=[], text="New on Launchmatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonItem:
    """One place of a list of people.

    Attributes:
        user: A member who lets themselves be found, with their profile.
        rank: The place in the answer, 1 being the first.
        score: The engine's score; None where nothing was scored.
        reasons: Why they are there.
    """

    user: User
    rank: int
    score: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """An answer to "which people for this startup?", with what made it; attributes as of `Feed`."""

    request_id: UUID
    engine: str
    model_version: str | None = None
    rung: Rung
    degraded: bool = False
    degraded_reason: str | None = None
    items: tuple[PersonItem, ...]


def people_for_startup(
    *, startup: Startup, owner: User, limit: int, role: Role | None = None, without: Collection[UUID] = ()
) -> People:
    """People who fit a startup of the owner, best first: only active members who let themselves be found.

    Args:
        startup: Active, and theirs.
        limit: Places, at most `MAX_LIMIT`.
        role: Only people of this role.
        without: Members who must not be in it.
    """
    never = {owner.pk, *without}
    try:
        answer = recommendation_client().people(
            startup_id=startup.pk,
            owner_id=owner.pk,
            limit=limit,
            role=role,
            exclude=sorted(without),
        )
    except RecommendationServiceError as error:
        logger.warning("people for %s fall back to the database (%s): %s", startup.pk, error.reason, error)
        return _newest(never=never, limit=limit, role=role, reason=error.reason)
    return People(
        request_id=answer.request_id,
        engine=answer.engine,
        model_version=answer.model_version,
        rung=answer.rung,
        degraded=answer.degraded,
        degraded_reason=answer.degraded_reason,
        items=_findable_items(answer.items, never=never, role=role)[:limit],
    )


def _findable(role: Role | None) -> QuerySet[User]:
    found = User.objects.filter(is_active=True, profile__is_public=True).select_related("profile")
    return found.filter(role=role) if role else found


def _findable_items(
    recommended: Sequence[RecommendedPerson], *, never: Collection[UUID], role: Role | None
) -> tuple[PersonItem, ...]:
    """Those of the answer who let themselves be found as of now."""
    allowed = [item for item in recommended if item.user_id not in never]
    users = _findable(role).in_bulk([item.user_id for item in allowed])
    return tuple(
        PersonItem(user=users[item.user_id], rank=item.rank, score=item.score, reasons=tuple(item.reasons))
        for item in allowed
        if item.user_id in users
    )


def _newest(*, never: Collection[UUID], limit: int, role: Role | None, reason: str) -> People:
    found = _findable(role).filter(is_staff=False).order_by("-date_joined", "id")[: limit + len(never)]
    users = [user for user in found if user.pk not in never][:limit]
    return People(
        request_id=uuid4(),
        engine="platform_newest",
        rung=Rung.NEWEST,
        degraded=True,
        degraded_reason=reason,
        items=tuple(
            PersonItem(user=user, rank=rank, score=None, reasons=(NEW_HERE,))
            for rank, user in enumerate(users, start=1)
        ),
    )
