"""What one worker did since it started: answers by rung, responses by status, how long everything took."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import accumulate
from threading import Lock
from time import perf_counter

from contracts.api import Latency, Rung

_RENARD_20 = (1, 1.12, 1.25, 1.4, 1.6, 1.8, 2, 2.24, 2.5, 2.8, 3.15, 3.55, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9)
EDGES_SECONDS = tuple(step * 10.0**decade for decade in range(-5, 2) for step in _RENARD_20)
"""Upper edges of the bins, 10 us to 90 s, each an eighth above the last, once a seventh (the R20 series of ISO 3)."""


class Durations:
    """How long something took, every time, in bins: bounded memory, percentiles true to a seventh."""

    def __init__(self) -> None:
        self._bins = [0] * (len(EDGES_SECONDS) + 1)
        self.total_seconds = 0.0

    def add(self, seconds: float) -> None:
        """One more time."""
        self._bins[bisect_left(EDGES_SECONDS, seconds)] += 1
        self.total_seconds += seconds

    @property
    def count(self) -> int:
        """How often."""
        return sum(self._bins)

    def percentile(self, percent: float) -> float:
        """The upper edge of the bin that holds this percentile, in seconds; 0 where nothing was measured."""
        rank = self.count * percent / 100
        edges = (*EDGES_SECONDS, EDGES_SECONDS[-1])
        reached = (edge for edge, below in zip(edges, accumulate(self._bins), strict=True) if below >= rank and below)
        return next(reached, 0.0)

    def counts_up_to(self, edges: Sequence[float]) -> list[int]:
        """How often it took no longer than each of `edges`, which are some of `EDGES_SECONDS`."""
        below = list(accumulate(self._bins))
        return [below[bisect_left(EDGES_SECONDS, edge)] for edge in edges]


class ServiceStatistics:
    """Counts of one worker; safe to share between threads.

    Attributes:
        started_at: When the worker started.
        waiting: Requests that wait for others to end; kept by who lets them in.
    """

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC)
        self.waiting = 0
        self._lock = Lock()
        self._durations: dict[tuple[str, str], Durations] = {}
        self._answers: Counter[tuple[Rung, bool]] = Counter()
        self._responses: Counter[tuple[str, int]] = Counter()
        self._turned_away: Counter[str] = Counter()
        self._running = 0

    def request_began(self) -> None:
        """One more request is being answered."""
        with self._lock:
            self._running += 1

    def request_ended(self) -> None:
        """One request's answer was sent, or given up."""
        with self._lock:
            self._running -= 1

    @property
    def running(self) -> int:
        """Requests that are being answered now."""
        return self._running

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage of an answer, whether it succeeds or fails."""
        begun = perf_counter()
        try:
            yield
        finally:
            self._add_duration("stage", name, perf_counter() - begun)

    def count_answer(self, rung: Rung, *, degraded: bool) -> None:
        """One more list was answered on this rung."""
        with self._lock:
            self._answers[rung, degraded] += 1

    def count_response(self, endpoint: str, status: int, seconds: float) -> None:
        """One more response left an endpoint."""
        self._add_duration("endpoint", endpoint, seconds)
        with self._lock:
            self._responses[endpoint, status] += 1

    def count_turned_away(self, reason: str) -> None:
        """One more request was refused before it reached its route: `queue_full`, `rate_limited`, ..."""
        with self._lock:
            self._turned_away[reason] += 1

    @property
    def answers(self) -> Mapping[tuple[Rung, bool], int]:
        """Lists answered, by (rung, degraded)."""
        with self._lock:
            return dict(self._answers)

    def answers_by_rung(self) -> dict[str, int]:
        """Lists answered on each rung."""
        by_rung: Counter[str] = Counter()
        for (rung, _), count in self.answers.items():
            by_rung[rung.value] += count
        return dict(by_rung)

    @property
    def degraded_answers(self) -> int:
        """Lists that were marked as degraded."""
        return sum(count for (_, degraded), count in self.answers.items() if degraded)

    @property
    def responses(self) -> Mapping[tuple[str, int], int]:
        """Responses by (endpoint, status)."""
        with self._lock:
            return dict(self._responses)

    def responses_by_status(self) -> dict[str, int]:
        """Responses by class of status: 2xx, 4xx, 5xx."""
        classes: Counter[str] = Counter()
        for (_, status), count in self.responses.items():
            classes[f"{status // 100}xx"] += count
        return dict(classes)

    @property
    def turned_away(self) -> Mapping[str, int]:
        """Requests refused before they reached their route, by reason."""
        with self._lock:
            return dict(self._turned_away)

    def durations(self, kind: str) -> dict[str, Durations]:
        """What was measured, by name; `kind` is `endpoint` or `stage`."""
        with self._lock:
            return {name: durations for (of, name), durations in self._durations.items() if of == kind}

    def latencies(self) -> list[Latency]:
        """Percentiles of every endpoint and stage."""
        named = [*self.durations("endpoint").items(), *self.durations("stage").items()]
        return [_latency(name, durations) for name, durations in named]

    def _add_duration(self, kind: str, name: str, seconds: float) -> None:
        with self._lock:
            durations = self._durations.get((kind, name))
            if durations is None:
                durations = self._durations[kind, name] = Durations()
            durations.add(seconds)


def _latency(name: str, durations: Durations) -> Latency:
    p50, p95, p99 = (1000 * durations.percentile(percent) for percent in (50, 95, 99))
    return Latency(name=name, count=durations.count, p50_ms=p50, p95_ms=p95, p99_ms=p99)
