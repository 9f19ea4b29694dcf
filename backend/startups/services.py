"""Writes startups."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from config.records import validate_record
from startups.models import Position, Startup, StartupStatus


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
    **fields: Unpack[StartupInput],
) -> Startup:
    """Create an active startup with its positions.

    Raises:
        ValidationError: If a value is refused (no title, an unknown type or phase, a term twice, ...).
    """
    startup = Startup(owner=owner, external_id=external_id, opened_at=opened_at or timezone.now(), **fields)
    validate_record(startup)
    startup.save(force_insert=True)
    for position in positions:
        _position_create(startup=startup, position=position)
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
    validate_record(startup)
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


def _position_create(*, startup: Startup, position: PositionInput) -> Position:
    created = Position(startup=startup, **position)
    validate_record(created)
    created.save(force_insert=True)
    return created
