"""Writes what people do: acts and their undoing, each exactly once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from contracts.interactions import InteractionType
from interactions.errors import (
    IdempotencyConflictError,
    InteractionNotFoundError,
    InvalidInteractionError,
    OwnStartupError,
    StartupUnavailableError,
)
from interactions.models import InteractionEvent
from interactions.selectors import interaction_list_live
from startups.models import Startup, StartupStatus

MAX_KEY_LENGTH = 200
MAX_POSITION = 32767
UNDO_KEY_PREFIX = "undo:"


def interaction_record(
    *,
    user: User,
    startup: Startup,
    type: str,
    idempotency_key: str,
    occurred_at: datetime | None = None,
    recommendation_request_id: UUID | None = None,
    recommendation_position: int | None = None,
) -> InteractionEvent:
    """Record one act, once: the same key again gives the same event, however many requests race.

    Args:
        user: Who acts.
        startup: Towards which startup.
        type: One of `InteractionType`.
        idempotency_key: Names this act among the user's acts, 1 to 200 characters.
        occurred_at: When it happened; now if left out.
        recommendation_request_id: The recommendation answer that led to the act.
        recommendation_position: The startup's place in that answer, 1 being the first.

    Raises:
        InvalidInteractionError: If a value is out of its range.
        IdempotencyConflictError: If the key already stands for another act.
        StartupUnavailableError: If members cannot see the startup.
        OwnStartupError: If the user owns the startup.
    """
    wanted = InteractionEvent(
        user=user,
        startup=startup,
        type=type,
        idempotency_key=idempotency_key,
        occurred_at=occurred_at or timezone.now(),
        recommendation_request_id=recommendation_request_id,
        recommendation_position=recommendation_position,
    )
    _require_valid(wanted)
    recorded = InteractionEvent.objects.filter(user=user, idempotency_key=idempotency_key).first()
    if recorded is None:
        _require_allowed(user=user, startup=startup)
        recorded = _insert_once(wanted)
    _require_same_act(recorded, wanted, compare_time=occurred_at is not None)
    return recorded


def interaction_undo(*, user: User, event_id: int, occurred_at: datetime | None = None) -> InteractionEvent:
    """Withdraw an act by appending its undoing, once: undoing it again gives the same undoing.

    Raises:
        InteractionNotFoundError: If the user has no act of that id, or it is itself an undoing.
    """
    act = InteractionEvent.objects.filter(user=user, pk=event_id, undoes=None).first()
    if act is None:
        raise InteractionNotFoundError(
            f"no act {event_id} of yours to undo; your acts are listed by /api/v1/interactions"
        )
    undoing, _ = InteractionEvent.objects.get_or_create(
        undoes=act,
        defaults={
            "user": user,
            "startup_id": act.startup_id,
            "type": act.type,
            "occurred_at": occurred_at or timezone.now(),
            "idempotency_key": f"{UNDO_KEY_PREFIX}{act.pk}",
        },
    )
    return undoing


@transaction.atomic
def interaction_withdraw(*, user: User, startup: Startup, type: str) -> int:
    """Undo every live act of one type towards one startup (two tabs may have liked it twice); return how many."""
    live = interaction_list_live(user=user).filter(startup=startup, type=type).order_by("id")
    return len([interaction_undo(user=user, event_id=event.pk) for event in live])


def _insert_once(wanted: InteractionEvent) -> InteractionEvent:
    recorded, _ = InteractionEvent.objects.get_or_create(
        user=wanted.user,
        idempotency_key=wanted.idempotency_key,
        defaults={
            "startup": wanted.startup,
            "type": wanted.type,
            "occurred_at": wanted.occurred_at,
            "recommendation_request_id": wanted.recommendation_request_id,
            "recommendation_position": wanted.recommendation_position,
        },
    )
    return recorded


def _require_valid(wanted: InteractionEvent) -> None:
    kinds = [kind.value for kind in InteractionType]
    key, position = wanted.idempotency_key, wanted.recommendation_position
    if wanted.type not in kinds:
        raise InvalidInteractionError(f"unknown interaction type {wanted.type!r}; known: {', '.join(kinds)}")
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise InvalidInteractionError(f"an idempotency key has 1 to {MAX_KEY_LENGTH} characters, got {len(key)}")
    if key.startswith(UNDO_KEY_PREFIX):
        raise InvalidInteractionError(f"idempotency keys that start with {UNDO_KEY_PREFIX!r} are reserved, got {key!r}")
    if position is not None and not 1 <= position <= MAX_POSITION:
        raise InvalidInteractionError(f"a recommendation position is 1 to {MAX_POSITION}, got {position}")
    if position is not None and wanted.recommendation_request_id is None:
        raise InvalidInteractionError(
            f"recommendation position {position} needs the recommendation_request_id it belongs to"
        )


def _require_allowed(*, user: User, startup: Startup) -> None:
    if startup.owner_id == user.pk:
        raise OwnStartupError(f"startup {startup.pk} is your own; acts on one's own startup are not recorded")
    if startup.status != StartupStatus.ACTIVE:
        raise StartupUnavailableError(startup.pk)


def _require_same_act(recorded: InteractionEvent, wanted: InteractionEvent, *, compare_time: bool) -> None:
    names = ["startup_id", "type", "recommendation_request_id", "recommendation_position"]
    names += ["occurred_at"] if compare_time else []
    different = [name for name in names if getattr(recorded, name) != getattr(wanted, name)]
    if different:
        was = ", ".join(f"{name} {getattr(recorded, name)}" for name in different)
        raise IdempotencyConflictError(
            f"idempotency key {wanted.idempotency_key!r} already stands for another act ({was}); use a new key"
        )
