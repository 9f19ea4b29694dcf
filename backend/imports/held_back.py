"""Keeps people and startups that came in from sight until the whole import is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from startups.models import Startup, StartupStatus

JsonValue = bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curtain:
    """The field that decides whether members see a record, and its value while they shall not."""

    field: str
    closed: JsonValue


CURTAINS: Mapping[type[Model], Curtain] = {
    User: Curtain(field="is_active", closed=False),
    Startup: Curtain(field="status", closed=StartupStatus.HIDDEN),
}
"""Everything else that an import brings is seen with its person and its startup only."""


def hold_back(rows: Sequence[Model]) -> list[JsonValue]:
    """Close the curtain before each row, which is not written yet, and return what it stood at, row by row."""
    curtain = CURTAINS.get(type(rows[0]))
    if curtain is None:
        return []
    values = [getattr(row, curtain.field) for row in rows]
    for row in rows:
        setattr(row, curtain.field, curtain.closed)
    return values


def show(model: type[Model], keys: Sequence[str], values: Sequence[JsonValue]) -> None:
    """Let each written row be seen as it was meant to be; what somebody changed meanwhile stays as it is."""
    curtain = CURTAINS[model]
    keys_of_value: dict[JsonValue, list[str]] = defaultdict(list)
    for key, value in zip(keys, values, strict=True):
        keys_of_value[value].append(key)
    for value in keys_of_value.keys() - {curtain.closed}:
        held_back = model._default_manager.filter(pk__in=keys_of_value[value], **{curtain.field: curtain.closed})
        held_back.update(**{curtain.field: value, "updated_at": timezone.now()})
