"""Lists that were ranked deeper than one page, kept for a while so that the next pages are of the same list."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Protocol
from uuid import UUID

from contracts.api import Rung, Segment, StartupFilters
from recommendation_service.engines.types import FloatArray
from recommendation_service.services.errors import ServiceError

ID_BYTES = 16


class ListGoneError(ServiceError):
    """A list that is no longer kept, or was never this person's."""

    def __init__(self) -> None:
        super().__init__("this list is no longer kept; ask again without a cursor for a new one")


class ListNotKeptError(ServiceError):
    """A list could not be kept; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptList:
    """A whole list as it was ranked.

    Attributes:
        problems: What was due but failed when it was ranked.
        complete: Whether nothing was left beyond it.
        startup_ids: 16 bytes of each of its K startups, best first.
        scores: float32 [K].
    """

    id: UUID
    user_id: UUID
    generated_at: datetime
    segment: Segment
    rung: Rung
    engine: str
    model_version: str | None
    problems: Sequence[str]
    filters: StartupFilters
    complete: bool
    startup_ids: bytes
    scores: FloatArray

    def startup_id(self, place: int) -> str:
        """The startup at a place, counted from 0."""
        return str(UUID(bytes=self.startup_ids[place * ID_BYTES : (place + 1) * ID_BYTES]))


class KeptLists(Protocol):
    """Where lists are kept, by their request id."""

    def start(self) -> None:
        """Begin to remove what is too old, until `stop`."""

    def stop(self) -> None:
        """End what `start` began."""

    def keep(self, kept: KeptList) -> None:
        """Keep a list for some minutes.

        Raises:
            ListNotKeptError: If there is no room.
        """

    def keep_on(self, list_id: UUID) -> bool:
        """Keep a list for some minutes from now on, if it is still kept, which this says."""

    def find(self, list_id: UUID) -> KeptList | None:
        """A list that is still kept."""


class ListsInMemory:
    """The lists of this process alone, the latest few; safe to share between threads."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._lock = Lock()
        self._lists: OrderedDict[UUID, KeptList] = OrderedDict()

    def start(self) -> None:
        """Nothing to do: later lists push earlier ones out."""

    def stop(self) -> None:
        """Nothing to end."""

    def keep(self, kept: KeptList) -> None:
        """Keep a list until `most` later ones were kept."""
        with self._lock:
            self._lists[kept.id] = kept
            if len(self._lists) > self._most:
                self._lists.popitem(last=False)

    def keep_on(self, list_id: UUID) -> bool:
        """Let other lists be pushed out before this one, if it is still kept."""
        with self._lock:
            kept = list_id in self._lists
            if kept:
                self._lists.move_to_end(list_id)
        return kept

    def find(self, list_id: UUID) -> KeptList | None:
        """A list that is still kept."""
        with self._lock:
            return self._lists.get(list_id)
