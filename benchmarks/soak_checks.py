"""Every answer of a soak against what it must be; what is wrong is kept with its words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from uuid import UUID

from contracts.api import BatchLine, Recommendations, Rung, SimilarStartups

LEARNED = {Rung.ENSEMBLE, Rung.TWO_TOWER}
FRESH_SECONDS = 15.0
"""A hidden startup must be gone by then, while the database can be read; the promise of 5 s is measured apart."""
MOST_TOLD = 20
TOLERANCE = 1e-4


@dataclass(kw_only=True)
class Truth:
    """What is so, as the run changes it.

    Attributes:
        forbidden: Startups that must never be shown, by person.
        versions: Of the model, that exist.
        hidden_since: When each startup was hidden that still is.
        readable_since: Since when the database answers; infinite while it does not.
    """

    forbidden: Mapping[UUID, Set[UUID]]
    versions: Set[str]
    hidden_since: dict[UUID, float] = field(default_factory=dict)
    readable_since: float = field(default_factory=monotonic)

    def gone(self, asked_at: float) -> set[UUID]:
        """What no answer to a question of that moment may show."""
        if asked_at - self.readable_since < FRESH_SECONDS:
            return set()
        return {startup for startup, since in list(self.hidden_since.items()) if asked_at - since > FRESH_SECONDS}


class Checker:
    """Checks answers; safe to share between threads."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.wrong: list[str] = []
        self.counts: Counter[str] = Counter()
        self._lock = Lock()
        self._request_ids: set[UUID] = set()
        self._scores: dict[tuple[str, UUID, UUID], float] = {}

    def first_page(self, answer: Recommendations, user_id: UUID, asked_at: float) -> None:
        """A new list: of this person, under an id that no list had before."""
        with self._lock:
            if answer.request_id in self._request_ids:
                self._tell(f"the request id {answer.request_id} was given twice")
            self._request_ids.add(answer.request_id)
        self._list(answer, user_id, asked_at, first_rank=1)

    def next_page(self, answer: Recommendations, before: Recommendations, user_id: UUID, asked_at: float) -> None:
        """More of the same list: same id and maker, going on where it ended, repeating nothing."""
        if (answer.request_id, answer.model_version) != (before.request_id, before.model_version):
            self._tell(f"a page of {before.request_id} by {before.model_version} is of another list")
        shown = {item.startup_id for item in before.items}
        if any(item.startup_id in shown for item in answer.items):
            self._tell(f"a page of {before.request_id} repeats the page before")
        self._list(answer, user_id, asked_at, first_rank=len(before.items) + 1)

    def similar(self, answer: SimilarStartups, startup_id: UUID, asked_at: float) -> None:
        """Startups like one, which is not among them."""
        if answer.startup_id != startup_id:
            self._tell(f"asked about startup {startup_id}, answered about {answer.startup_id}")
        self._items(answer, {startup_id}, asked_at, first_rank=1)

    def batch(self, lines: list[BatchLine], user_ids: list[UUID], asked_at: float) -> None:
        """One line for each person, in order."""
        if [line.user_id for line in lines] != user_ids:
            self._tell(f"a batch of {len(user_ids)} was answered by {len(lines)} lines, or in another order")
        for line in lines:
            if line.recommendations is None:
                self._tell(f"a batch has no list for {line.user_id}: {line.problem}")
            else:
                self._list(line.recommendations, line.user_id, asked_at, first_rank=1)

    def expect(self, holds: bool, told: str) -> None:
        """Anything else that must hold."""
        if not holds:
            self._tell(told)

    def _list(self, answer: Recommendations, user_id: UUID, asked_at: float, *, first_rank: int) -> None:
        if answer.user_id != user_id:
            self._tell(f"asked about {user_id}, answered about {answer.user_id}")
        self.counts["degraded"] += answer.degraded
        self.counts[f"rung {answer.rung.value}"] += 1
        never = set() if _to_a_stranger(answer) else self.truth.forbidden.get(user_id, set())
        self.counts["to strangers"] += _to_a_stranger(answer)
        self._items(answer, never, asked_at, first_rank=first_rank)
        self._one_version(answer)

    def _items(
        self, answer: Recommendations | SimilarStartups, never: Set[UUID], asked_at: float, *, first_rank: int
    ) -> None:
        ids = [item.startup_id for item in answer.items]
        scores = [item.score for item in answer.items]
        if len(set(ids)) != len(ids):
            self._tell(f"{answer.request_id} shows a startup twice")
        if [item.rank for item in answer.items] != list(range(first_rank, first_rank + len(ids))):
            self._tell(f"{answer.request_id} does not count its places from {first_rank}")
        if scores != sorted(scores, reverse=True) or not all(map(math.isfinite, scores)):
            self._tell(f"{answer.request_id} is not ordered by its scores")
        for startup in set(ids) & (set(never) | self.truth.gone(asked_at)):
            self._tell(f"{answer.request_id} shows {startup}, which it must not")

    def _one_version(self, answer: Recommendations) -> None:
        """A list names the model that made it, and every score is what that model says whenever it is asked."""
        if (answer.rung in LEARNED) != (answer.model_version is not None):
            self._tell(f"{answer.request_id} on {answer.rung.value} names the version {answer.model_version}")
        if answer.model_version is None:
            return
        if answer.model_version not in self.truth.versions:
            self._tell(f"{answer.request_id} names the version {answer.model_version}, which does not exist")
        if answer.rung is not Rung.TWO_TOWER or answer.degraded:
            return
        with self._lock:
            for item in answer.items:
                key = (answer.model_version, answer.user_id, item.startup_id)
                known = self._scores.setdefault(key, item.score)
                if not math.isclose(known, item.score, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
                    self._tell(f"{answer.request_id} mixes versions: {key} scored {known} before, {item.score} now")
        self.counts["scores compared"] += len(answer.items)

    def _tell(self, what: str) -> None:
        self.counts["wrong"] += 1
        if len(self.wrong) < MOST_TOLD:
            self.wrong.append(what)


def _to_a_stranger(answer: Recommendations) -> bool:
    """Whether the database did not answer and nothing was remembered of the person: nobody knows then what they did."""
    reason = answer.degraded_reason or ""
    return "user_state:" in reason and "as known" not in reason
