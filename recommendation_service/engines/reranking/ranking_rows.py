"""What a re-ranker learns from: candidates of many people with their features, and which proved relevant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommendation_service.engines.reranking.pairs import Rows
from recommendation_service.engines.types import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankingRows:
    """R rows, those of one person together.

    Attributes:
        features: float32 [R, F].
        label: float32 [R] in [0, 1], 0 for what did not prove relevant.
        group_sizes: int64 [Q], how many rows each person has, in order.
    """

    features: FloatArray
    label: FloatArray
    group_sizes: Rows

    @classmethod
    def concatenate(cls, parts: Sequence[RankingRows]) -> Self:
        """All rows of at least one part."""
        return cls(
            features=np.concatenate([part.features for part in parts]),
            label=np.concatenate([part.label for part in parts]),
            group_sizes=np.concatenate([part.group_sizes for part in parts]),
        )

    @property
    def people(self) -> int:
        """How many people there are rows of."""
        return len(self.group_sizes)
