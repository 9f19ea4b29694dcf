"""How an evaluation judges: cut-offs, what counts as relevant, thresholds of the segments, intervals."""

from __future__ import annotations

from dataclasses import dataclass

from recommendation_service.engines.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationConfig:
    """How an evaluation judges.

    Attributes:
        ks: Cut-offs of the metrics, ascending; the largest is how many places are ranked.
        label_above: Acts with a label above this are relevant (0: all but dislikes).
        policy: Catalogue policy; None chooses by the data.
        warm_from: Fewer earlier acts make a person cold.
        hot_above: More earlier acts make a person hot.
        batch_size: People ranked at once; bounds memory.
        resamples: Bootstrap draws.
        confidence: Of the intervals.
        seed: Of the bootstrap.
    """

    ks: tuple[int, ...] = (10, 20, 50)
    label_above: float = 0.0
    policy: str | None = None
    warm_from: int = 5
    hot_above: int = 20
    batch_size: int = 256
    resamples: int = 1000
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.ks or min(self.ks) < 1 or list(self.ks) != sorted(set(self.ks)):
            raise ConfigError(f"ks must be ascending cut-offs of at least 1, got {self.ks}")
        if not 0 <= self.label_above < 1:
            raise ConfigError(f"label_above must lie in [0, 1), got {self.label_above}")
        if not 0 < self.warm_from <= self.hot_above:
            raise ConfigError(
                f"thresholds must satisfy 0 < warm_from <= hot_above, got {self.warm_from}, {self.hot_above}"
            )
        if self.batch_size < 1 or self.resamples < 1 or not 0 < self.confidence < 1:
            raise ConfigError("batch_size and resamples must be at least 1 and confidence inside (0, 1)")
