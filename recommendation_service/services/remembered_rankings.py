"""Rankings made moments ago, for people about whom nothing changed since: pages reload more often than people act."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

import numpy as np

from recommendation_service.engines.types import UserRecord, UserState
from recommendation_service.services.ladder import LadderAnswer
from recommendation_service.services.snapshot import Snapshot

GOOD_FOR = timedelta(minutes=2)
"""How long the passing of time alone may be left out of account; what engines fade over time fades over days."""
_TOLD = tuple(field.name for field in fields(UserRecord) if field.name != "embedding")


@dataclass(slots=True, kw_only=True, eq=False)
class MadeRanking:
    """A ranking, and the page of it that was written last.

    Attributes:
        answer: What the ladder answered.
        page: What the page depends on beside the ranking, and its items as JSON.
        kept_as: The id of the last list that was kept of it.
    """

    answer: LadderAnswer
    page: tuple[Hashable, bytes] | None = None
    kept_as: UUID | None = None

    def items(self, asked: Hashable, make: Callable[[], bytes]) -> bytes:
        """The items as they were written for the same question, else made now."""
        page = self.page
        if page is None or page[0] != asked:
            page = self.page = (asked, make())
        return page[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    state: UserState
    ranked_at: datetime
    ranking: MadeRanking


class RememberedRankings:
    """The last few rankings of one snapshot; safe to share between threads.

    A ranking stands only for the very snapshot it was made from and for a person of whom the database says the same as
    then, so that an act, an edited profile, a changed catalogue or another model shows in the next answer.
    """

    def __init__(self, most: int = 2000) -> None:
        self._most = most
        self._lock = Lock()
        self._snapshot: weakref.ref[Snapshot] | None = None
        self._rankings: OrderedDict[Hashable, _Remembered] = OrderedDict()

    def find(self, snapshot: Snapshot, state: UserState, asked: Hashable, now: datetime) -> MadeRanking | None:
        """The ranking that would be made now, if it was made already.

        Args:
            snapshot: What is ranked.
            state: For whom.
            asked: What the list is drawn from.
            now: The moment.
        """
        with self._lock:
            if self._snapshot is None or self._snapshot() is not snapshot:
                return None
            known = self._rankings.get((state.record.id, asked))
        if known is None or now - known.ranked_at > GOOD_FOR or not _same(known.state, state):
            return None
        return known.ranking

    def remember(
        self, snapshot: Snapshot, state: UserState, asked: Hashable, now: datetime, answer: LadderAnswer
    ) -> MadeRanking:
        """Take over a ranking, and keep it unless something failed on the way to it."""
        ranking = MadeRanking(answer=answer)
        if answer.failures:
            return ranking
        key = (state.record.id, asked)
        with self._lock:
            if self._snapshot is None or self._snapshot() is not snapshot:
                self._snapshot = weakref.ref(snapshot)
                self._rankings.clear()
            self._rankings[key] = _Remembered(state=state, ranked_at=now, ranking=ranking)
            self._rankings.move_to_end(key)
            if len(self._rankings) > self._most:
                self._rankings.popitem(last=False)
        return ranking


def _same(one: UserState, other: UserState) -> bool:
    """Whether the database said the same of a person."""
    if one is other:
        return True
    here, there = one.record, other.record
    return (
        one.is_personalised == other.is_personalised
        and one.history == other.history
        and all(getattr(here, name) == getattr(there, name) for name in _TOLD)
        and _same_text(here, there)
    )


def _same_text(one: UserRecord, other: UserRecord) -> bool:
    if one.embedding is None or other.embedding is None:
        return one.embedding is other.embedding
    return np.array_equal(one.embedding, other.embedding)
