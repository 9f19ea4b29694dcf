"""Towers that are id embeddings: one vector per person, of unit length, and one per startup."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.graph_smoothing import LikesGraph
from recommendation_service.engines.spectral_start import spectral_start
from recommendation_service.engines.tower_network import TowerNetwork
from recommendation_service.engines.training_config import TrainingConfig

_SHORTEST = 1e-2
"""Nothing is shorter: the slope of a power has no bound towards 0."""


class IdsNetwork(TowerNetwork):
    """Embeddings that are smoothed over the graph of training likes before they meet in a dot product."""

    def __init__(self, config: TrainingConfig, graph: LikesGraph) -> None:
        super().__init__(config.loss)
        self._graph = graph
        self._config = config.ids
        users, startups = spectral_start(graph, config.embedding)
        self.users = nn.Parameter(users)
        self.startups = nn.Parameter(startups)

    def forward(self) -> tuple[Tensor, Tensor]:
        """Unit vectors of all people [U, D], and the vectors of all startups [S, D]."""
        users, startups = self._graph.smooth(self.users, self.startups, layers=self._config.layers)
        return F.normalize(users, dim=-1), shortened(startups, self._config.length)

    def score(self, batch: TrainingBatch) -> Tensor:
        """Dot products float32 [B, N] of the people and startups of a batch."""
        users, startups = self()
        scores: Tensor = users[batch.users] @ startups[batch.startups].T
        return scores


def shortened(vectors: Tensor, power: float) -> Tensor:
    """Vectors [R, D] of the same directions, each as long as this power of what it was beside the mean length.

    Beside the mean, so that scores stay about as large as cosines and a temperature means the same for every power.
    """
    lengths = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True).clamp(min=_SHORTEST)
    kept: Tensor = vectors / lengths * (lengths / lengths.detach().mean()) ** power
    return kept
