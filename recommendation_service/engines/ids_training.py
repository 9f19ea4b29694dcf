"""Training of the id towers: people with all their likes against the whole catalogue."""

from __future__ import annotations

from datetime import datetime

import torch

from recommendation_service.engines.graph_smoothing import LikesGraph
from recommendation_service.engines.ids_model import IdsModel
from recommendation_service.engines.ids_network import IdsNetwork
from recommendation_service.engines.tower_fitter import TowerFitter
from recommendation_service.engines.tower_training import Rows, TowerTraining
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_pairs import TrainingPairs
from recommendation_service.engines.types import FloatArray, TrainingData
from recommendation_service.engines.whole_catalogue_batches import WholeCatalogueBatches


class IdsTraining(TowerTraining):
    """The graph of training likes, and the batches of it."""

    fitter: TowerFitter[IdsNetwork]

    def __init__(self, config: TrainingConfig, data: TrainingData, device: torch.device) -> None:
        """Build the graph and a fresh network.

        Raises:
            TrainingError: If no row is positive.
            ConfigError: If the loss is unknown.
        """
        self._config = config
        self._data = data
        self.missing_users = self.missing_startups = 0
        users, startups = len(data.users), len(data.startups)
        pairs = TrainingPairs.of(data.interactions, with_negatives=False, device=device)
        liked = torch.unique(torch.stack([pairs.user, pairs.startup])[:, pairs.positives], dim=1)
        graph = LikesGraph.of(liked[0], liked[1], users=users, startups=startups)
        self.fitter = TowerFitter(
            config,
            build=lambda config: IdsNetwork(config, graph),
            score=IdsNetwork.score,
            source=WholeCatalogueBatches(pairs, batch_size=config.batch_size, users=users, startups=startups),
            device=device,
        )

    @torch.inference_mode()
    def vectors(
        self,
        users: Rows,
        startups: Rows,
        as_of: datetime | None,  # noqa: ARG002 - ids do not change with time
    ) -> tuple[FloatArray, FloatArray]:
        """Vectors of both sides."""
        all_users, all_startups = self.fitter.network()
        return all_users.cpu().numpy()[users], all_startups.cpu().numpy()[startups]

    def model(self) -> IdsModel:
        """The vectors as they are now, under their ids."""
        return IdsModel.of(self._config, self.fitter.network, self._data)
