"""Writes startups."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from config.records import validate_record
from startups.models import Position, Startup, StartupStatus

MAX_TAGS = 8
"""More would say less, and would only serve to turn up everywhere."""
MAX_STAGES = 5
MAX_POSITIONS = 30
MAX_NEW_PER_DAY = 20
"""How many startups one founder may create in a day, so that nobody fills the catalogue."""


class StartupInput(TypedDict, total=False):
    """What may be said of a startup; what is left out stays as it is."""

    title: str
    description: str
    type: str
    category: str
    field: str
    phase: str
    stages: list[str]
    tags: list[str]
    country: str
    state: str
    region: str
    city: str
    founded_on: date | None


class PositionInput(TypedDict, total=False):
    """A position that a startup offers."""

    title: str
    requirements: str
    is_active: bool


@transaction.atomic
def startup_create(
    *,
    owner: User | None,
    positions: Iterable[PositionInput] = (),
    opened_at: datetime | None = None,
    external_id: str | None = None,
    startup_id: UUID | None = None,
    **fields: Unpack[StartupInput],
) -> Startup:
    """Create an active startup with its positions.

    Args:
        startup_id: Its id, so that sending a form twice cannot create two; a new one if left out.

    Raises:
        ValidationError: If a value is refused (no title, an unknown type or phase, a term twice, ...).
    """
    startup = Startup(owner=owner, external_id=external_id, opened_at=opened_at or timezone.now(), **fields)
    startup.pk = startup_id or startup.pk
    _validate_startup(startup)
    _require_few_new(owner)
    startup.save(force_insert=True)
    for position in positions:
        _position_save(Position(startup=startup), position)
    return startup


@transaction.atomic
def startup_update(*, startup: Startup, **changes: Unpack[StartupInput]) -> Startup:
    """Change what is said of a startup.

    Raises:
        ValidationError: If a value is refused, or a name is not one of `StartupInput`.
    """
    unknown = changes.keys() - StartupInput.__annotations__.keys()
    if unknown:
        allowed = ", ".join(sorted(StartupInput.__annotations__))
        raise ValidationError(f"A startup's {', '.join(sorted(unknown))} cannot be changed; these can: {allowed}.")
    for name, value in changes.items():
        setattr(startup, name, value)
    _validate_startup(startup)
    startup.save(update_fields=[*changes, "updated_at"])
    return startup


@transaction.atomic
def startup_change_status(*, startup: Startup, status: str, at: datetime | None = None) -> Startup:
    """Show, hide, sell or close a startup; only an active one is found and recommended.

    Raises:
        ValidationError: If the status is unknown.
    """
    if status == startup.status:
        return startup
    startup.status = status
    startup.closed_at = None if status == StartupStatus.ACTIVE else at or timezone.now()
    validate_record(startup)
    startup.save(update_fields=["status", "closed_at", "updated_at"])
    return startup


@transaction.atomic
def position_create(*, startup: Startup, **fields: Unpack[PositionInput]) -> Position:
    """Offer a position; one that is offered in the same words already is that one.

    Raises:
        ValidationError: If a value is refused (no title, too long, ...), or the startup offers `MAX_POSITIONS` already.
    """
    Startup.objects.select_for_update().get(pk=startup.pk)  # so that two tabs do not pass the limit together
    offered = startup.positions.filter(is_active=True)
    same = offered.filter(title=fields.get("title", ""), requirements=fields.get("requirements", "")).first()
    if same is not None:
        return same
    if offered.count() >= MAX_POSITIONS:
        raise ValidationError(f"A startup offers at most {MAX_POSITIONS} positions at a time; close one first.")
    position = _position_save(Position(startup=startup), fields)
    startup_touch(startup_ids=[startup.pk])
    return position


@transaction.atomic
def position_update(*, position: Position, **changes: Unpack[PositionInput]) -> Position:
    """Change a position, or close and reopen it by `is_active`.

    Raises:
        ValidationError: If a value is refused.
    """
    saved = _position_save(position, changes)
    startup_touch(startup_ids=[position.startup_id])
    return saved


def startup_touch(*, startup_ids: Collection[UUID]) -> int:
    """Mark startups as changed when what belongs to them did (positions, rounds, embeddings); return how many.

    Whoever keeps the catalogue in memory looks for startups that changed since they last looked.
    """
    return Startup.objects.filter(pk__in=startup_ids).update(updated_at=timezone.now())


def _validate_startup(startup: Startup) -> None:
    validate_record(startup)
    for name, limit in {"tags": MAX_TAGS, "stages": MAX_STAGES}.items():
        terms = getattr(startup, name)
        if len(terms) > limit:
            raise ValidationError({name: f"A startup has at most {limit} {name}, got {len(terms)}."})


def _require_few_new(owner: User | None) -> None:
    day_ago = timezone.now() - timedelta(days=1)
    if owner is not None and Startup.objects.filter(owner=owner, created_at__gt=day_ago).count() >= MAX_NEW_PER_DAY:
        raise ValidationError(f"At most {MAX_NEW_PER_DAY} new startups a day; go on tomorrow.")


def _position_save(position: Position, fields: PositionInput) -> Position:
    for name, value in fields.items():
        setattr(position, name, value)
    validate_record(position)
    position.save()
    return position
