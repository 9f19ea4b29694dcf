"""What the apps know of a member: each contributes what to hand out to them, and what to do when they leave.

An app names its parts in a module `member_parts.py`, which is found by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from accounts.models import User


class OwnedStartups(StrEnum):
    """What becomes of the startups of a member who leaves."""

    CLOSE = "close"
    """They close and belong to nobody; what they were stays with those who acted on them."""
    REMOVE = "remove"
    """They go, with all that anybody did to them."""


Export = Callable[[User], Any]
Departure = Callable[[User, OwnedStartups], None]

_EXPORTS: dict[str, Export] = {}
_DEPARTURES: list[Departure] = []


def exports(name: str) -> Callable[[Export], Export]:
    """Register what an app hands out to a member of what is theirs: plain values, lists and dicts.

    Raises:
        ValueError: If the name is taken.
    """

    def register(part: Export) -> Export:
        if name in _EXPORTS:
            raise ValueError(f"two apps export {name!r}; give one of the parts another name")
        _EXPORTS[name] = part
        return part

    return register


def on_departure(step: Departure) -> Departure:
    """Register what an app does before a member's row, and with it all that points to it, is deleted."""
    _DEPARTURES.append(step)
    return step


def member_export(user: User) -> dict[str, Any]:
    """All that the platform holds of a member, by part."""
    return {name: part(user) for name, part in _EXPORTS.items()}


def member_depart(user: User, startups: OwnedStartups) -> None:
    """Let every app do its step, those that build on others first: they still find what the others give away."""
    for step in reversed(_DEPARTURES):
        step(user, startups)
