"""The startups most people liked lately: the baseline every model must beat, and a fallback for anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from recommendation_service.engines.errors import ConfigError, NotFittedError
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState

_MICROSECONDS_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularityConfig:
    """How fast popularity fades.

    Attributes:
        half_life_days: After this many days an act counts half; None counts all acts alike.
        window_days: Acts older than this do not count; None keeps all.
    """

    half_life_days: float | None = 180.0
    window_days: float | None = None

    def __post_init__(self) -> None:
        for name in ("half_life_days", "window_days"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ConfigError(f"{name} must be above 0 days or None, got {value}")


class PopularityRecommender(Recommender):
    """Ranks by the sum of positive labels, faded by age as of the last act it learned from."""

    name: ClassVar[str] = "popularity"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, config: PopularityConfig | None = None) -> None:
        self.config = config or PopularityConfig()
        self._popularity: dict[str, float] | None = None

    @classmethod
    def counted(cls, popularity: Mapping[str, float]) -> Self:
        """One that learned elsewhere how popular each startup is, by its id."""
        recommender = cls()
        recommender._popularity = dict(popularity)
        return recommender

    def fit(self, data: TrainingData) -> Self:
        """Count; startups without positive acts get 0."""
        acts = data.interactions
        age_days = (acts.time.max(initial=0) - acts.time) / _MICROSECONDS_PER_DAY
        worth = acts.label.astype(np.float64)
        if self.config.half_life_days is not None:
            worth *= 0.5 ** (age_days / self.config.half_life_days)
        if self.config.window_days is not None:
            worth *= age_days <= self.config.window_days
        totals = np.bincount(acts.startup, weights=worth, minlength=len(data.startups))
        self._popularity = {startup.id: float(total) for startup, total in zip(data.startups, totals, strict=True)}
        return self

    def bind(self, catalogue: Catalogue) -> PopularityScorer:
        """Look up the catalogue's startups; unknown ones get 0."""
        if self._popularity is None:
            raise NotFittedError("the popularity engine has not learned yet; call fit(data) first")
        known = self._popularity
        return PopularityScorer(catalogue, [known.get(startup.id, 0.0) for startup in catalogue.startups])


class PopularityScorer(Scorer):
    """The same scores for everybody."""

    def __init__(self, catalogue: Catalogue, popularity: Sequence[float]) -> None:
        super().__init__(catalogue)
        self._scores = np.asarray(popularity, dtype=np.float32)

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N], every row alike."""
        return np.broadcast_to(self._scores, (len(users), len(self._scores)))
