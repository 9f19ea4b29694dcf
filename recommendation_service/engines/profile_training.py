"""Training of the profile towers on labelled pairs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import torch

from recommendation_service.engines.batch_source import BatchSource
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.hard_negatives import HardNegatives
from recommendation_service.engines.losses import find_loss
from recommendation_service.engines.pair_batches import PairBatches
from recommendation_service.engines.profile_model import ProfileModel, encode_rows
from recommendation_service.engines.ranking_batches import RankingBatches
from recommendation_service.engines.startup_lifetimes import StartupLifetimes
from recommendation_service.engines.tower_fitter import TowerFitter
from recommendation_service.engines.tower_inputs import encode_all
from recommendation_service.engines.tower_network import ProfileInputs, TwoTowerNetwork
from recommendation_service.engines.tower_training import Rows, TowerTraining
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_pairs import TrainingPairs
from recommendation_service.engines.types import FloatArray, StartupRecord, TrainingData


class ProfileTraining(TowerTraining):
    """All profiles encoded once, and the pairs of the rows.

    Attributes:
        inputs: What the towers read, a row for each user and startup of the data.
    """

    fitter: TowerFitter[TwoTowerNetwork]

    def __init__(
        self, config: TrainingConfig, data: TrainingData, device: torch.device, *, inputs_folder: Path | None = None
    ) -> None:
        """Fit the encoder, encode all records, build a fresh network.

        Args:
            config: The training.
            data: Records and rows to learn from.
            device: Where it is computed.
            inputs_folder: Where inputs that exceed memory lie; None keeps them in memory.

        Raises:
            TrainingError: If the rows cannot train this loss.
            ConfigError: If the loss is unknown, or has no use for drawn negatives that are configured.
        """
        self._config = config
        with_negatives = find_loss(config.loss.name).uses_negatives
        pairs = TrainingPairs.of(
            data.interactions, with_negatives=with_negatives, device=torch.device("cpu") if with_negatives else device
        )
        self._encoder = fit_encoder(config, data)
        users = encode_all(self._encoder.users, data.users, folder=inputs_folder)
        startups = encode_all(self._encoder.startups, data.startups, folder=inputs_folder)
        self.missing_users, self.missing_startups = users.unusable_embeddings, startups.unusable_embeddings
        inputs = ProfileInputs(users=users.features.to(device), startups=startups.features.to(device))
        self.inputs = inputs
        self.fitter = TowerFitter(
            config,
            build=TwoTowerNetwork,
            score=lambda network, batch: (network.score_pairs if with_negatives else network.score)(inputs, batch),
            source=self._labelled_pairs(pairs) if with_negatives else self._ranked_acts(pairs, data.startups),
            device=device,
            shares_work=with_negatives and device.type == "cpu",
        )

    def _labelled_pairs(self, pairs: TrainingPairs) -> BatchSource:
        if self._config.negatives.are_drawn:
            raise ConfigError(
                f"the loss {self._config.loss.name} takes its negatives from the rows of label 0; set "
                "negatives.uniform, negatives.popular and negatives.hard to 0, or choose a ranking loss like softmax"
            )
        return PairBatches(pairs, batch_size=self._config.batch_size, device=self.inputs.users.device)

    def _ranked_acts(self, pairs: TrainingPairs, startups: Sequence[StartupRecord]) -> BatchSource:
        return RankingBatches(
            pairs,
            StartupLifetimes.of(startups, pairs.user.device),
            self._config.negatives,
            batch_size=self._config.batch_size,
            users=len(self.inputs.users),
            startups=len(startups),
            hard_negatives=self._hard_negatives,
        )

    def _hard_negatives(self) -> HardNegatives:
        network, inputs = self.fitter.network, self.inputs
        device = inputs.users.device
        return HardNegatives(
            self._config.negatives,
            user_vectors=torch.from_numpy(encode_rows(network.user_tower, inputs.users)).to(device),
            startup_vectors=torch.from_numpy(encode_rows(network.startup_tower, inputs.startups)).to(device),
            content=inputs.startups,
        )

    def vectors(
        self,
        users: Rows,
        startups: Rows,
        as_of: datetime | None,  # noqa: ARG002 - profiles do not change with time
    ) -> tuple[FloatArray, FloatArray]:
        """Unit vectors of both sides."""
        network, inputs = self.fitter.network, self.inputs
        return (
            encode_rows(network.user_tower, inputs.users[torch.from_numpy(users)]),
            encode_rows(network.startup_tower, inputs.startups[torch.from_numpy(startups)]),
        )

    def model(self) -> ProfileModel:
        """The network as it is now, with its encoder."""
        return ProfileModel(self._config, self._encoder, self.fitter.network)


def fit_encoder(config: TrainingConfig, data: TrainingData) -> FeatureEncoder:
    """Vocabularies from the people and startups that occur in the rows of `data`, and from no others."""
    users = [data.users[row] for row in np.unique(data.interactions.user)]
    startups = [data.startups[row] for row in np.unique(data.interactions.startup)]
    return FeatureEncoder.fit(config.features, users, startups)
