"""What is asked of a list of startups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.api import MAX_LIMIT, MIN_LIMIT, StartupFilters

NO_FILTERS = StartupFilters()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """How many startups, drawn from which, under which id, and when.

    Attributes:
        exclude: Startups that must not be in the list.
        explain: Whether each item says why.

    Raises:
        ValueError: If `limit` is not in 1..100.
    """

    limit: int
    id: UUID
    now: datetime
    filters: StartupFilters = NO_FILTERS
    exclude: frozenset[str] = frozenset()
    explain: bool = True

    def __post_init__(self) -> None:
        if not MIN_LIMIT <= self.limit <= MAX_LIMIT:
            raise ValueError(f"limit must be {MIN_LIMIT} to {MAX_LIMIT}, got {self.limit}")
