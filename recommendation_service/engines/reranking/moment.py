"""A catalogue at the moment of ranking, beside everything a model remembers from before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.reranking.platform_memory import PlatformMemory
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import Catalogue, Interactions, StartupRecord

MICROSECONDS_PER_DAY = 86_400_000_000


class Moment:
    """What is known at `catalogue.as_of`; without one, right after the last remembered like.

    Attributes:
        now: Microseconds since 1970 UTC.
        startups: S known startups: first the N of the catalogue in order, then the remembered ones outside it.
        row_of: Row of each known startup by id; rows below N are columns of the catalogue.
        columns: N.
        added: The startups that the moment this one grew from did not know; all of them where it grew from none.
        order: int64 [S], where each startup stands in [those of that moment, `added`]: what was made of a record there
            is not made again.
        likes: Remembered likes strictly before `now`; `startup` points into `startups`.
        users: Ids that `likes.user` points to.
        roles: What each of them is here for.
        user_row_of: The reverse.
    """

    def __init__(self, catalogue: Catalogue, memory: PlatformMemory, begun: Moment | None = None) -> None:
        """Look at a catalogue.

        Args:
            catalogue: N startups.
            memory: What is remembered.
            begun: Of a catalogue that this one begins with, and of the same memory.
        """
        others = [startup for startup in memory.startups if startup.id not in catalogue.column_of]
        self.startups: Sequence[StartupRecord] = [*catalogue.startups, *others]
        self.row_of = {startup.id: row for row, startup in enumerate(self.startups)}
        self.columns = len(catalogue)
        self.catalogue = catalogue
        self.others = others
        there = 0 if begun is None else begun.columns
        self.added: Sequence[StartupRecord] = self.startups if begun is None else catalogue.startups[there:]
        self.order = np.arange(len(self.startups)) if begun is None else self._grown_from(begun)
        last = int(memory.likes.time.max(initial=0))
        self.now = last + 1 if catalogue.as_of is None else to_microseconds(catalogue.as_of)
        self.likes = _as_known(memory, self.row_of, self.now)
        self.users = memory.users
        self.roles = memory.roles
        self.user_row_of = {user: row for row, user in enumerate(memory.users)}

    def _grown_from(self, begun: Moment) -> npt.NDArray[np.int64]:
        """The columns that were there, those added, and the remembered startups that are still outside."""
        row_of_other = {startup.id: begun.columns + row for row, startup in enumerate(begun.others)}
        added = len(begun.startups) + np.arange(len(self.added))
        others = np.array([row_of_other[startup.id] for startup in self.others], dtype=np.int64)
        return np.concatenate([np.arange(begun.columns), added, others])

    def days_since(self, times: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """float64: days from each time (microseconds since 1970 UTC) to now; negative for what is to come."""
        days: npt.NDArray[np.float64] = (self.now - times) / MICROSECONDS_PER_DAY
        return days


def _as_known(memory: PlatformMemory, row_of: dict[str, int], now: int) -> Interactions:
    likes = memory.likes.take(memory.likes.time < now)
    rows = np.array([row_of[startup.id] for startup in memory.startups], dtype=np.int32)
    return Interactions(
        user=likes.user,
        startup=rows[likes.startup],
        label=likes.label,
        weight=likes.weight,
        kind=likes.kind,
        time=likes.time,
    )
