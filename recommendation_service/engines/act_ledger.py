"""What everybody did to the startups that a model knows, to be counted as of any moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import BoolArray, FloatArray, Interactions

_MICROSECONDS_PER_DAY = 86_400_000_000
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActLedger:
    """A acts in order of time.

    Attributes:
        user: int64 [A], a number from 0 for each person who acted.
        startup: int64 [A], rows of the startups that the model knows.
        label: float32 [A].
        time: int64 [A], microseconds since 1970 UTC.
        startups: How many startups the model knows.
        people: How many people acted.
    """

    user: Rows
    startup: Rows
    label: FloatArray
    time: Rows
    startups: int
    people: int

    @classmethod
    def of(cls, acts: Interactions, row_of: Rows, startups: int) -> Self:
        """What people did; `row_of` (int64 [S]) gives the known row of each startup of the data."""
        acts = acts.take(np.argsort(acts.time, kind="stable"))
        people, user = np.unique(acts.user, return_inverse=True)
        return cls(
            user=user,
            startup=row_of[acts.startup],
            label=acts.label,
            time=acts.time,
            startups=startups,
            people=len(people),
        )

    def before(self, moment: datetime) -> Self:
        """What was done strictly before a moment."""
        end = int(np.searchsorted(self.time, to_microseconds(moment), side="left"))
        return replace(
            self, user=self.user[:end], startup=self.startup[:end], label=self.label[:end], time=self.time[:end]
        )

    def totals(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """float64 [startups]: the sum of a value [A] over each startup's acts."""
        return np.bincount(self.startup, weights=values, minlength=self.startups).astype(np.float64)

    @property
    def acted_on(self) -> BoolArray:
        """bool [startups + 1]: on which startups anybody acted; the last, for those the model does not know, is not."""
        return np.append(self.totals(np.ones(len(self.time))) > 0, False)

    def fading(self, moment: datetime, half_life_days: float) -> npt.NDArray[np.float64]:
        """float64 [A]: each act's label, halved for every half-life that lies between it and a moment."""
        age_days = (to_microseconds(moment) - self.time) / _MICROSECONDS_PER_DAY
        faded: npt.NDArray[np.float64] = self.label * 0.5 ** (age_days / half_life_days)
        return faded

    def to_tensors(self) -> dict[str, Tensor]:
        """The acts as named tensors."""
        columns = {"user": self.user, "startup": self.startup, "label": self.label, "time": self.time}
        return {f"ledger.{name}": torch.from_numpy(column) for name, column in columns.items()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor], startups: int) -> Self:
        """The ledger that `to_tensors` wrote.

        Raises:
            KeyError: If a tensor is missing.
        """
        columns = {name: tensors[f"ledger.{name}"].numpy() for name in ("user", "startup", "label", "time")}
        people = int(columns["user"].max(initial=-1)) + 1
        return cls(**columns, startups=startups, people=people)
