"""What ranks candidates by their features: trees, and a network beside them where it has a share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from torch import Tensor

from recommendation_service.engines.reranking.boosted_trees import BoostedTrees, BoostedTreesConfig
from recommendation_service.engines.reranking.listwise_network import ListwiseNetwork, ListwiseNetworkConfig
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.reranking.ranking_rows import RankingRows
from recommendation_service.engines.reranking.score_blend import blended
from recommendation_service.engines.types import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranker:
    """Fitted models; safe to share between threads.

    Attributes:
        trees: Always there.
        network: None where it has no share.
        share: The network's, in [0, 1].
    """

    trees: BoostedTrees
    network: ListwiseNetwork | None
    share: float

    @classmethod
    def fit(
        cls,
        rows: RankingRows,
        names: Sequence[str],
        trees: BoostedTreesConfig,
        network: ListwiseNetworkConfig,
        *,
        share: float,
        seed: int,
    ) -> Self:
        """Learn from the same rows; a network without a share is not learned.

        Raises:
            TrainingError: If the network's training does not stay finite.
        """
        return cls(
            trees=BoostedTrees.fit(rows, names, trees, seed),
            network=ListwiseNetwork.fit(rows, network, seed) if share > 0 else None,
            share=share,
        )

    def predict(self, features: FloatArray, pairs: Pairs) -> FloatArray:
        """float32 [P]: scores that compare the candidates of one person."""
        scores = self.trees.predict(features)
        return scores if self.network is None else blended(scores, [self.network.predict(features)], pairs, self.share)

    def to_state(self) -> tuple[dict[str, Tensor], str]:
        """The tensors of the network, and the trees as text."""
        return {} if self.network is None else self.network.to_tensors(), self.trees.to_text()

    @classmethod
    def from_state(
        cls,
        tensors: Mapping[str, Tensor],
        trees: str,
        names: Sequence[str],
        network: ListwiseNetworkConfig,
        *,
        share: float,
    ) -> Self:
        """The models that `to_state` described, for features of these names.

        Raises:
            ModelFileError: If a part is missing or does not fit.
        """
        return cls(
            trees=BoostedTrees.from_text(trees, names),
            network=ListwiseNetwork.from_tensors(tensors, network) if share > 0 else None,
            share=share,
        )
