"""Draws negatives: startups that existed at the moment of a positive and that the person never touched.

Candidates are proposed for all positives of a block at once and refused where they do not qualify; the few positives
that are left after some rounds choose among the startups that do qualify, one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contracts.interactions import SAMPLED_NEGATIVE
from recommendations.datasets.catalogue import NOBODY, Lifetimes
from recommendations.datasets.pair_blocks import KIND_LABELS, KINDS, PairBlock, PairRows
from recommendations.datasets.proposals import Proposal

ROUNDS = 8

Codes = npt.NDArray[np.int64]
"""A pair as one number: row of the user times the number of startups, plus the place of the startup."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Slots:
    """S negatives to draw: for whom, as of when, among the first how many places."""

    user: npt.NDArray[np.int32]
    time: npt.NDArray[np.int64]
    available: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.user)

    def take(self, chosen: npt.NDArray[np.bool_]) -> _Slots:
        return _Slots(user=self.user[chosen], time=self.time[chosen], available=self.available[chosen])


class NegativeSampler:
    """Draws `per_positive` negatives for each positive; each (user, startup) pair at most once.

    Attributes:
        missing: How many negatives could not be drawn so far, because no startup was left.
    """

    def __init__(
        self, *, lifetimes: Lifetimes, proposal: Proposal, per_positive: int, rng: np.random.Generator
    ) -> None:
        self._lifetimes = lifetimes
        self._places = lifetimes.place_of_row()
        self._owned = _owned_codes(lifetimes)
        self._proposal = proposal
        self._per_positive = per_positive
        self._rng = rng
        self.missing = 0

    def draw(self, block: PairBlock) -> PairRows:
        """The negatives for the positives of a block, which holds all that its users ever touched."""
        slots = self._slots(block.pairs)
        touched = self._codes(block.touched_user, self._places[block.touched_startup])
        taken = np.union1d(touched, self._owned)
        drawn: list[PairRows] = []
        for _ in range(ROUNDS):
            if not len(slots):
                break
            places = self._proposal.draw(slots.time, slots.available, self._rng)
            codes = self._codes(slots.user, places)
            qualifies = (self._lifetimes.closed[places] > slots.time) & ~_contains(taken, codes) & _is_first(codes)
            drawn.append(self._rows(slots.take(qualifies), places[qualifies]))
            taken = np.union1d(taken, codes[qualifies])
            slots = slots.take(~qualifies)
        drawn.append(self._draw_one_by_one(slots, taken))
        return _concatenate(drawn)

    def _slots(self, pairs: PairRows) -> _Slots:
        positive = np.flatnonzero(KIND_LABELS[pairs.kind] > 0)
        rows = np.repeat(positive, self._per_positive)
        available = np.searchsorted(self._lifetimes.opened, pairs.time[rows], side="right").astype(np.int32)
        slots = _Slots(user=pairs.user[rows], time=pairs.time[rows], available=available)
        self.missing += int(np.count_nonzero(available == 0))
        return slots.take(available > 0)

    def _draw_one_by_one(self, slots: _Slots, taken: Codes) -> PairRows:
        places: list[int] = []
        found = np.zeros(len(slots), dtype=np.bool_)
        for slot in range(len(slots)):
            open_then = np.flatnonzero(self._lifetimes.closed[: slots.available[slot]] > slots.time[slot])
            free = open_then[~_contains(taken, slots.user[slot] * np.int64(len(self._lifetimes)) + open_then)]
            if not len(free):
                continue
            chances = self._proposal.weights(int(slots.time[slot]), free.astype(np.int32))
            place = int(self._rng.choice(free, p=chances))
            taken = np.union1d(taken, [slots.user[slot] * np.int64(len(self._lifetimes)) + place])
            places.append(place)
            found[slot] = True
        self.missing += int(np.count_nonzero(~found))
        return self._rows(slots.take(found), np.array(places, dtype=np.int32))

    def _codes(self, user: npt.NDArray[np.int32], place: npt.NDArray[np.int32]) -> Codes:
        return user.astype(np.int64) * len(self._lifetimes) + place

    def _rows(self, slots: _Slots, places: npt.NDArray[np.int32]) -> PairRows:
        kind = np.full(len(slots), KINDS.index(SAMPLED_NEGATIVE), dtype=np.int8)
        return PairRows(user=slots.user, startup=self._lifetimes.row[places], kind=kind, time=slots.time)


def _owned_codes(lifetimes: Lifetimes) -> Codes:
    places = np.flatnonzero(lifetimes.owner != NOBODY)
    return lifetimes.owner[places].astype(np.int64) * len(lifetimes) + places


def _contains(ascending: Codes, codes: Codes) -> npt.NDArray[np.bool_]:
    if not len(ascending):
        return np.zeros(len(codes), dtype=np.bool_)
    nearest = np.minimum(np.searchsorted(ascending, codes), len(ascending) - 1)
    return np.asarray(ascending[nearest] == codes)


def _is_first(codes: Codes) -> npt.NDArray[np.bool_]:
    first = np.zeros(len(codes), dtype=np.bool_)
    first[np.unique(codes, return_index=True)[1]] = True
    return first


def _concatenate(parts: list[PairRows]) -> PairRows:
    return PairRows(
        user=np.concatenate([part.user for part in parts]),
        startup=np.concatenate([part.startup for part in parts]),
        kind=np.concatenate([part.kind for part in parts]),
        time=np.concatenate([part.time for part in parts]),
    )
