"""Features of all kinds brought to one scale: what a network needs, and trees do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recommendation_service.engines.types import FloatArray

_TAIL = 0.001
"""Share of the values of a feature beyond which, on either side, one is as good as the next."""
_LEAST_DEVIATION = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeatureScale:
    """The scale of F features, of which some may be unknown.

    Attributes:
        lowest, highest: float32 [F], between which values are kept.
        mean, deviation: float32 [F], of what is known.
        may_miss: int64 [M], the features that were unknown somewhere.
    """

    lowest: FloatArray
    highest: FloatArray
    mean: FloatArray
    deviation: FloatArray
    may_miss: npt.NDArray[np.int64]

    @classmethod
    def of(cls, features: FloatArray) -> Self:
        """The scale of features float32 [R, F], R at least 1; NaN is unknown."""
        columns = [_measured(column) for column in features.T]
        lowest, highest, mean, deviation = (np.array(part, dtype=np.float32) for part in zip(*columns, strict=True))
        may_miss = np.flatnonzero(np.isnan(features).any(axis=0))
        return cls(lowest=lowest, highest=highest, mean=mean, deviation=deviation, may_miss=may_miss)

    @property
    def width(self) -> int:
        """F + M, of what `apply` makes."""
        return len(self.mean) + len(self.may_miss)

    def apply(self, features: FloatArray) -> FloatArray:
        """float32 [R, F + M]: deviations from the mean, 0 for what is unknown, and behind them what is unknown."""
        unknown = np.isnan(features)
        scaled = (np.clip(features, self.lowest, self.highest) - self.mean) / self.deviation
        scaled[unknown] = 0.0
        return np.concatenate([scaled, unknown[:, self.may_miss]], axis=1, dtype=np.float32)

    def to_tensors(self) -> dict[str, Tensor]:
        """Its parts by name."""
        return {name: torch.from_numpy(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> Self:
        """What `to_tensors` took apart.

        Raises:
            KeyError: If a part is missing.
        """
        return cls(**{name: tensors[name].numpy() for name in cls.__slots__})


def _measured(column: FloatArray) -> tuple[float, float, float, float]:
    """Lowest, highest, mean and deviation of one feature; a feature that never differs is left at 0."""
    known = column[np.isfinite(column)]
    if not len(known):
        return 0.0, 0.0, 0.0, 1.0
    lowest, highest = np.quantile(known, [_TAIL, 1 - _TAIL])
    kept = np.clip(known, lowest, highest).astype(np.float64)
    deviation = float(kept.std())
    return float(lowest), float(highest), float(kept.mean()), deviation if deviation > _LEAST_DEVIATION else 1.0
