"""What every group of features offers."""

from __future__ import annotations

from typing import Protocol

from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.types import FloatArray


class FeatureGroup(Protocol):
    """Features that belong together, prepared for one moment; safe to share between threads."""

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each of G features."""

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, G]; NaN where a feature is not known."""
