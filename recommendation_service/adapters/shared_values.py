"""Values that many startups have, kept once however often they are read."""

from __future__ import annotations

from functools import lru_cache
from sys import intern

from recommendation_service.engines.types import Location, Position

_KEPT = 16_384
"""So many of each kind are remembered; what comes after is shared again once it has been seen lately."""


@lru_cache(maxsize=_KEPT)
def shared_location(country: str, state: str, region: str, city: str) -> Location:
    """The one place of these names."""
    return Location(country=intern(country), state=intern(state), region=intern(region), city=intern(city))


@lru_cache(maxsize=_KEPT)
def shared_words(*words: str) -> tuple[str, ...]:
    """The one list of these words."""
    return tuple(map(intern, words))


@lru_cache(maxsize=_KEPT)
def shared_position(title: str, requirements: str, is_active: bool) -> Position:
    """The one position that says this."""
    return Position(title=title, requirements=requirements, is_active=is_active)
