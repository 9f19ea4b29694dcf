"""Members for answers: no request waits for them longer than its deadline, nor at all while the database is down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from recommendation_service.services.circuit_breaker import CircuitBreaker
from recommendation_service.services.deadline_pool import DeadlinePool
from recommendation_service.services.errors import DatabaseUnavailableError
from recommendation_service.services.guarded_read import guarded_read
from recommendation_service.services.people_ports import (
    ConfirmedMember,
    Member,
    MemberChanges,
    MemberMark,
    MemberSource,
)

READERS = 2
Result = TypeVar("Result")


class BoundedMembers:
    """A source of members whose reads for answers are guarded; those of the background go straight through."""

    def __init__(self, source: MemberSource, breaker: CircuitBreaker, *, deadline: timedelta) -> None:
        """Take over the source.

        Args:
            source: Of the members.
            breaker: Of the database; shared with whoever else reads from it.
            deadline: The longest that an answer waits for one read.
        """
        self._source = source
        self._breaker = breaker
        self._deadline = deadline
        self._pool = DeadlinePool(threads=READERS, name="members-reader")

    def mark(self, now: datetime) -> MemberMark:
        """Where following begins for who is read after this."""
        return self._source.mark(now)

    def findable(self) -> Sequence[str]:
        """Ids of all members who can be found."""
        return self._source.findable()

    def members(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        """Those of some people who can be found, in no order."""
        return self._source.members(ids, now)

    def confirmed(self, ids: Collection[str], startup_id: str) -> Mapping[str, ConfirmedMember]:
        """Those of some people who can be found now, by id."""
        return self._guarded(lambda: self._source.confirmed(ids, startup_id))

    def described(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        """As `members`, for an answer."""
        return self._guarded(lambda: self._source.described(ids, now))

    def changes(self, since: MemberMark, now: datetime) -> MemberChanges:
        """What happened since a mark."""
        return self._source.changes(since, now)

    def _guarded(self, read: Callable[[], Result]) -> Result:
        if not self._breaker.allows():
            raise DatabaseUnavailableError("the platform's database is left alone after repeated failures")
        return guarded_read(self._breaker, self._pool, read, self._deadline)
