"""Rankings made moments ago, for people about whom nothing changed since: pages reload more often than people act."""

from __future__ import annotations

import weakref
from collections.abc import Hashable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

import numpy as np

from recommendation_service.engines.types import UserRecord, UserState
from recommendation_service.services.ladder import LadderAnswer
from recommendation_service.services.segmented_cache import SegmentedCache
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.services.written_answer import WrittenAnswer

GOOD_FOR = timedelta(minutes=10)
"""How long the passing of time alone may be left out of account; what engines fade over time fades over days."""
_TOLD = tuple(field.name for field in fields(UserRecord) if field.name != "embedding")


@dataclass(slots=True, kw_only=True, eq=False)
class MadeRanking:
    """A ranking, and the page of it that was written last.

    Attributes:
        answer: What the ladder answered.
        page: What the page depends on beside the ranking, and the page.
        kept_as: The id of the list that was kept of it.
    """

    answer: LadderAnswer
    page: tuple[Hashable, WrittenAnswer] | None = None
    kept_as: UUID | None = None

    def written(self, asked: Hashable) -> WrittenAnswer | None:
        """The page as it was written for the same question."""
        page = self.page
        return page[1] if page is not None and page[0] == asked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    state: UserState
    ranked_at: datetime
    ranking: MadeRanking


class RememberedRankings:
    """The last few rankings of one snapshot, those asked for again before others; safe to share between threads.

    A ranking stands only for the very snapshot it was made from and for a person of whom the database says the same as
    then, so that an act, an edited profile, a changed catalogue or another model shows in the next answer.
    """

    def __init__(self, most: int = 2000) -> None:
        self._lock = Lock()
        self._snapshot: weakref.ref[Snapshot] | None = None
        self._rankings: SegmentedCache[Hashable, _Remembered] = SegmentedCache(most)

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
            self._rankings.put(key, _Remembered(state=state, ranked_at=now, ranking=ranking))
        return ranking


def _same(one: UserState, other: UserState) -> bool:
    """Whether the database said the same of a person."""
    here, there = one.record, other.record
    return (
        one.is_personalised == other.is_personalised
        and one.history == other.history
        and (here is there or _same_record(here, there))
    )


def _same_record(here: UserRecord, there: UserRecord) -> bool:
    return _same_text(here, there) and all(getattr(here, name) == getattr(there, name) for name in _TOLD)


def _same_text(one: UserRecord, other: UserRecord) -> bool:
    if one.embedding is None or other.embedding is None:
        return one.embedding is other.embedding
    return np.array_equal(one.embedding, other.embedding)
