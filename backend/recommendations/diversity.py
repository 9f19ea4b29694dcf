"""Keeps one owner from filling a page: a stated bound on how many places of a page their startups take.

Publishing twenty startups, or the same one twenty times, wins no more of anybody's page than two, or one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from startups.models import Startup

MAX_PER_OWNER = 2
"""Places of one page that one owner's startups take at most."""
COPY_SIMILARITY = 0.6
"""Descriptions that share this much of their word triples (Jaccard) are copies of each other."""
_MIN_WORDS = 8

Shingles = frozenset[tuple[str, str, str]]


@dataclass(slots=True)
class PageBounds:
    """What one page holds so far."""

    _of_owner: dict[UUID, list[Shingles]] = field(default_factory=dict)

    def admit(self, startup: Startup) -> bool:
        """Whether the startup may be on the page; if so, it counts from now on. Unclaimed startups always may."""
        if startup.owner_id is None:
            return True
        text = _shingles(startup.description)
        before = self._of_owner.setdefault(startup.owner_id, [])
        if len(before) >= MAX_PER_OWNER or any(_are_copies(text, other) for other in before):
            return False
        before.append(text)
        return True


def within_bounds(startups: Iterable[Startup]) -> list[Startup]:
    """The startups of one list that may be shown together, in order."""
    bounds = PageBounds()
    return [startup for startup in startups if bounds.admit(startup)]


def _shingles(text: str) -> Shingles:
    """The word triples of a text; none of one that is too short to be called a copy."""
    words = re.findall(r"\w+", text.lower())
    return frozenset(zip(words, words[1:], words[2:], strict=False)) if len(words) >= _MIN_WORDS else frozenset()


def _are_copies(one: Shingles, other: Shingles) -> bool:
    union = len(one | other)
    return union > 0 and len(one & other) / union >= COPY_SIMILARITY
