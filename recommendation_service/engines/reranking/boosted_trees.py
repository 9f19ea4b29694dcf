"""Gradient-boosted trees that say how likely each candidate proves relevant, averaged over several draws.

Source: Ke et al. 2017 ("LightGBM: A Highly Efficient Gradient Boosting Decision Tree"); averaging models that saw other
rows and features after Breiman 1996 ("Bagging Predictors"). Cross-entropy on graded labels: on real data it ranks as
well as the listwise objectives, and changes the least from one seed to the next.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from recommendation_service.engines.config_checks import require, require_positive
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.reranking.ranking_rows import RankingRows
from recommendation_service.engines.types import FloatArray

if TYPE_CHECKING:
    import lightgbm  # takes 120 MiB with what it imports: a service without trees does without it


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostedTreesConfig:
    """The trees.

    Attributes:
        models: How many models are averaged.
        trees: Trees of each model.
        leaves: The most leaves of a tree.
        learning_rate: Weight of each tree.
        min_rows_in_leaf: The fewest rows in a leaf.
        feature_share: Share of the features each tree may use.
        row_share: Share of the rows each tree sees.
        l2: Regularisation of leaf values.
    """

    models: int = 4
    trees: int = 60
    leaves: int = 31
    learning_rate: float = 0.05
    min_rows_in_leaf: int = 100
    feature_share: float = 0.5
    row_share: float = 0.7
    l2: float = 5.0

    def __post_init__(self) -> None:
        for name in ("models", "trees", "min_rows_in_leaf"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1, got {getattr(self, name)}")
        require(self.leaves >= 2, f"leaves must be at least 2, got {self.leaves}")
        require_positive("learning_rate", self.learning_rate)
        require(self.l2 >= 0, f"l2 must be at least 0, got {self.l2}")
        for name in ("feature_share", "row_share"):
            require(0 < getattr(self, name) <= 1, f"{name} must lie in (0, 1], got {getattr(self, name)}")


class BoostedTrees:
    """Fitted models; safe to share between threads."""

    def __init__(self, boosters: Sequence[lightgbm.Booster]) -> None:
        self._boosters = tuple(boosters)

    @classmethod
    def fit(cls, rows: RankingRows, names: Sequence[str], config: BoostedTreesConfig, seed: int) -> Self:
        """Learn the label of each row, on one thread so that the same rows give the same trees."""
        import lightgbm

        data = lightgbm.Dataset(
            rows.features, label=rows.label, feature_name=list(names), params={"verbosity": -1, "num_threads": 1}
        )
        seeds = [seed * config.models + model for model in range(config.models)]
        return cls([lightgbm.train(_parameters(config, own), data, num_boost_round=config.trees) for own in seeds])

    def predict(self, features: FloatArray) -> FloatArray:
        """float32 [P]: the mean log-odds of being relevant."""
        if not len(features):
            return np.zeros(0, dtype=np.float32)
        votes = [booster.predict(features, raw_score=True, num_threads=1) for booster in self._boosters]
        scores: FloatArray = np.mean(votes, axis=0).astype(np.float32)
        return scores

    @property
    def importance(self) -> dict[str, float]:
        """Feature name -> share of the gain of all splits, highest first."""
        gain = np.sum([booster.feature_importance("gain") for booster in self._boosters], axis=0)
        shares = gain / max(gain.sum(), np.finfo(np.float64).tiny)
        named = zip(self._boosters[0].feature_name(), shares.tolist(), strict=True)
        return dict(sorted(named, key=lambda entry: -entry[1]))

    def to_text(self) -> str:
        """A JSON list of the models in LightGBM's own text format."""
        return json.dumps([booster.model_to_string() for booster in self._boosters])

    @classmethod
    def from_text(cls, text: str, names: Sequence[str]) -> Self:
        """The models that `to_text` wrote.

        Args:
            text: Theirs.
            names: Of the features that they will be asked about, in order.

        Raises:
            ModelFileError: If the text is none, or its trees learned from other features.
        """
        import lightgbm

        try:
            boosters = [lightgbm.Booster(model_str=model) for model in json.loads(text)]
        except (lightgbm.basic.LightGBMError, ValueError, TypeError) as error:
            raise ModelFileError(f"the file does not hold the trees of a re-ranker: {error}") from error
        for booster in boosters:
            _require_features(booster.feature_name(), names)
        return cls(boosters)


def _require_features(learned: Sequence[str], names: Sequence[str]) -> None:
    """Trees know their features by place: those of another release would rank by something else, without a word."""
    if list(learned) != list(names):
        differing = sorted({*learned} ^ {*names})
        what = f"other features ({', '.join(differing[:3])}, ...)" if differing else "the features in another order"
        raise ModelFileError(f"the re-ranker learned from {what} than this release computes; train the ensemble again")


def _parameters(config: BoostedTreesConfig, seed: int) -> dict[str, object]:
    return {
        "objective": "cross_entropy",
        "num_leaves": config.leaves,
        "learning_rate": config.learning_rate,
        "min_data_in_leaf": config.min_rows_in_leaf,
        "feature_fraction": config.feature_share,
        "bagging_fraction": config.row_share,
        "bagging_freq": 1,
        "lambda_l2": config.l2,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
