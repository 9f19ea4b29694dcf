"""Counts what failed and was answered by something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from threading import Lock


class FallbackCounter:
    """How often each thing failed with each cause; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, what: str, cause: str) -> None:
        """One more failure of `what` because of `cause`."""
        with self._lock:
            self._counts[str(what), cause] += 1

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """How often so far, by (what, cause)."""
        with self._lock:
            return dict(self._counts)
