"""Towers that are id embeddings: one vector of unit length per person and per startup."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.graph_smoothing import LikesGraph
from recommendation_service.engines.spectral_start import spectral_start
from recommendation_service.engines.tower_network import TowerNetwork
from recommendation_service.engines.training_config import TrainingConfig


class IdsNetwork(TowerNetwork):
    """Embeddings that are smoothed over the graph of training likes before they meet in a dot product."""

    def __init__(self, config: TrainingConfig, graph: LikesGraph) -> None:
        super().__init__(config.loss)
        self._graph = graph
        self._layers = config.ids.layers
        users, startups = spectral_start(graph, config.embedding)
        self.users = nn.Parameter(users)
        self.startups = nn.Parameter(startups)

    def forward(self) -> tuple[Tensor, Tensor]:
        """Unit vectors of all people [U, D] and of all startups [S, D]."""
        users, startups = self._graph.smooth(self.users, self.startups, layers=self._layers)
        return F.normalize(users, dim=-1), F.normalize(startups, dim=-1)

    def score(self, batch: TrainingBatch) -> Tensor:
        """Cosine float32 [B, N] of the people and startups of a batch."""
        users, startups = self()
        scores: Tensor = users[batch.users] @ startups[batch.startups].T
        return scores
