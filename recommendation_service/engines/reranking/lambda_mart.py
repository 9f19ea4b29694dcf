"""Gradient-boosted trees that order each person's candidates.

Source: Burges 2010 ("From RankNet to LambdaRank to LambdaMART"), as in LightGBM (Ke et al. 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import lightgbm
import numpy as np

from recommendation_service.engines.config_checks import require, require_positive
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.reranking.ranking_rows import RankingRows
from recommendation_service.engines.types import FloatArray

_GRADES = 10
"""Labels in [0, 1] become whole grades up to this; a grade's gain is linear in it, as in the evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaMartConfig:
    """The trees.

    Attributes:
        trees: How many.
        leaves: The most leaves of a tree.
        learning_rate: Weight of each tree.
        min_rows_in_leaf: The fewest rows in a leaf.
        feature_share: Share of the features each tree may use.
        row_share: Share of the rows each tree sees.
        l2: Regularisation of leaf values.
        truncation: How many of the first places a swap must touch to count.
    """

    trees: int = 150
    leaves: int = 31
    learning_rate: float = 0.05
    min_rows_in_leaf: int = 100
    feature_share: float = 0.5
    row_share: float = 0.7
    l2: float = 5.0
    truncation: int = 20

    def __post_init__(self) -> None:
        for name in ("trees", "min_rows_in_leaf", "truncation"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1, got {getattr(self, name)}")
        require(self.leaves >= 2, f"leaves must be at least 2, got {self.leaves}")
        require_positive("learning_rate", self.learning_rate)
        require(self.l2 >= 0, f"l2 must be at least 0, got {self.l2}")
        for name in ("feature_share", "row_share"):
            require(0 < getattr(self, name) <= 1, f"{name} must lie in (0, 1], got {getattr(self, name)}")


class LambdaMart:
    """A fitted ranker; safe to share between threads."""

    def __init__(self, booster: lightgbm.Booster) -> None:
        self._booster = booster

    @classmethod
    def fit(cls, rows: RankingRows, names: Sequence[str], config: LambdaMartConfig, seed: int) -> Self:
        """Learn to order the rows of each person, on one thread so that the same rows give the same trees."""
        data = lightgbm.Dataset(
            rows.features,
            label=np.rint(rows.label * _GRADES),
            group=rows.group_sizes,
            feature_name=list(names),
        )
        return cls(lightgbm.train(_parameters(config, seed), data, num_boost_round=config.trees))

    def predict(self, features: FloatArray) -> FloatArray:
        """float32 [P]: higher is better, comparable within one person only."""
        if not len(features):
            return np.zeros(0, dtype=np.float32)
        scores: FloatArray = np.asarray(self._booster.predict(features, num_threads=1), dtype=np.float32)
        return scores

    @property
    def importance(self) -> dict[str, float]:
        """Feature name -> share of the gain of all splits, highest first."""
        gain = self._booster.feature_importance("gain")
        shares = gain / max(gain.sum(), 1e-12)
        named = zip(self._booster.feature_name(), shares.tolist(), strict=True)
        return dict(sorted(named, key=lambda entry: -entry[1]))

    def to_text(self) -> str:
        """The trees in LightGBM's own text format."""
        text: str = self._booster.model_to_string()
        return text

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The ranker that `to_text` wrote.

        Raises:
            ModelFileError: If the text is none.
        """
        try:
            return cls(lightgbm.Booster(model_str=text))
        except lightgbm.basic.LightGBMError as error:
            raise ModelFileError(f"the file does not hold the trees of a re-ranker: {error}") from error


def _parameters(config: LambdaMartConfig, seed: int) -> dict[str, object]:
    return {
        "objective": "lambdarank",
        "label_gain": list(range(_GRADES + 1)),
        "lambdarank_truncation_level": config.truncation,
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
