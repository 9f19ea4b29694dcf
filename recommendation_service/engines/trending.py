"""What people like lately, as of the moment of ranking, and what is like it in kind and place.

A startup nobody has acted on yet is not without a trend: it belongs to a category and a place whose startups people
turn to more or less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recommendation_service.engines.config_checks import require, require_positive
from recommendation_service.engines.config_json import override, to_dict
from recommendation_service.engines.errors import ConfigError, ModelFileError, NotFittedError
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import Catalogue, FloatArray, StartupRecord, TrainingData, UserState
from recommendation_service.engines.vocabulary import normalise

Floats = npt.NDArray[np.float64]
_MICROSECONDS_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendingConfig:
    """How fast interest fades, and how much that in a startup's kind and place says of itself.

    Attributes:
        half_life_days: After this many days an act counts half.
        category: What the mean interest in the startups of its category is worth, beside its own.
        region: What the mean interest in the startups of its region (or country, where no region is known) is worth.
    """

    half_life_days: float = 90.0
    category: float = 1.0
    region: float = 1.0

    def __post_init__(self) -> None:
        require_positive("half_life_days", self.half_life_days)
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            require(np.isfinite(value) and value >= 0, f"{field.name} must be at least 0, got {value}")


class TrendingRecommender(Recommender):
    """Ranks by faded likes of a startup, of its category and of its region; the same for everybody."""

    name: ClassVar[str] = "trending"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, config: TrendingConfig | None = None) -> None:
        self.config = config or TrendingConfig()
        self._row_of: dict[str, int] | None = None
        self._rows = np.zeros(0, dtype=np.int64)
        self._labels = np.zeros(0, dtype=np.float32)
        self._times = np.zeros(0, dtype=np.int64)

    def fit(self, data: TrainingData) -> Self:
        """Remember every like with its moment; sampled negatives and dislikes do not count."""
        liked = data.interactions.take(data.interactions.label > 0)
        rows, self._rows = np.unique(liked.startup, return_inverse=True)
        self._row_of = {data.startups[row].id: place for place, row in enumerate(rows.tolist())}
        self._labels, self._times = liked.label, liked.time
        return self

    def bind(self, catalogue: Catalogue) -> TrendingScorer:
        """Add up the likes before `catalogue.as_of`; without one, all likes as of the last."""
        if self._row_of is None:
            raise NotFittedError("the trending engine has not learned yet; call fit(data) first")
        own = self._faded(catalogue)
        row_of = self._row_of
        known = np.array([row_of.get(startup.id, -1) for startup in catalogue.startups], dtype=np.int64)
        interest: Floats = np.append(own, 0.0)[known]
        scores = interest.copy()
        if self.config.category:
            scores += self.config.category * _group_means(interest, catalogue.startups, _category)
        if self.config.region:
            scores += self.config.region * _group_means(interest, catalogue.startups, _region)
        return TrendingScorer(catalogue, scores.astype(np.float32))

    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The likes as named tensors, the rest as JSON data."""
        if self._row_of is None:
            raise NotFittedError("the trending engine has not learned yet; call fit(data) first")
        arrays: dict[str, npt.NDArray[Any]] = {"rows": self._rows, "labels": self._labels, "times": self._times}
        return {name: torch.from_numpy(values.copy()) for name, values in arrays.items()}, {
            "config": to_dict(self.config),
            "startups": list(self._row_of),
        }

    @classmethod
    def from_state(cls, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> Self:
        """The engine that `to_state` described.

        Raises:
            ModelFileError: If a part is missing or does not fit.
        """
        try:
            recommender = cls(override(TrendingConfig(), description["config"]))
            recommender._row_of = {startup: row for row, startup in enumerate(description["startups"])}
            recommender._rows = tensors["rows"].numpy()
            recommender._labels = tensors["labels"].numpy()
            recommender._times = tensors["times"].numpy()
        except (ConfigError, KeyError, TypeError) as error:
            raise ModelFileError(f"the file does not hold a trending engine: {error}") from error
        return recommender

    def _faded(self, catalogue: Catalogue) -> Floats:
        """float64 [S]: faded likes of each startup that was ever liked."""
        now = self._times.max(initial=0) if catalogue.as_of is None else to_microseconds(catalogue.as_of)
        age_days = (now - self._times) / _MICROSECONDS_PER_DAY
        happened = age_days >= 0 if catalogue.as_of is None else age_days > 0
        worth = np.where(happened, self._labels * 0.5 ** (np.abs(age_days) / self.config.half_life_days), 0.0)
        faded: Floats = np.bincount(self._rows, weights=worth, minlength=len(self._row_of or ())).astype(np.float64)
        return faded


class TrendingScorer(Scorer):
    """The same scores for everybody."""

    def __init__(self, catalogue: Catalogue, scores: FloatArray) -> None:
        super().__init__(catalogue)
        self._scores = scores

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N], every row alike."""
        return np.broadcast_to(self._scores, (len(users), len(self._scores)))


def _category(startup: StartupRecord) -> str:
    return normalise(startup.category)


def _region(startup: StartupRecord) -> str:
    place = startup.location
    return f"{normalise(place.country)}/{normalise(place.region)}" if place.country or place.region else ""


def _group_means(values: Floats, startups: Sequence[StartupRecord], group_of: Callable[[StartupRecord], str]) -> Floats:
    """float64 [N]: the mean of the values of each startup's group; 0 for startups of no group."""
    names = [group_of(startup) for startup in startups]
    _, groups = np.unique(np.array(names, dtype=str), return_inverse=True)
    sizes = np.bincount(groups)
    means: Floats = (np.bincount(groups, weights=values) / np.maximum(sizes, 1))[groups]
    return np.where(np.array(names, dtype=str) == "", 0.0, means)
