"""The two-tower engine: people and startups as unit vectors of one space, ranked by their cosine.

Source: Covington et al. 2016 ("Deep Neural Networks for YouTube Recommendations"); Yi et al. 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.errors import ConfigError, ModelFileError, NotFittedError
from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.profile_fitter import profile_fitter
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.tower_network import Tower, TwoTowerNetwork
from recommendation_service.engines.training_config import TrainingConfig, from_dict
from recommendation_service.engines.types import Catalogue, FloatArray, StartupRecord, TrainingData, UserState

_ROWS_AT_ONCE = 8192


class TwoTowerScorer(Scorer):
    """A trained network bound to one catalogue, whose startups were encoded once.

    Attributes:
        startup_vectors: float32 [N, D], unit length.
    """

    def __init__(
        self, catalogue: Catalogue, *, encoder: FeatureEncoder, network: TwoTowerNetwork, startup_vectors: FloatArray
    ) -> None:
        super().__init__(catalogue)
        self._encoder = encoder
        self._network = network
        self.startup_vectors = startup_vectors

    def user_vectors(self, users: Sequence[UserState]) -> FloatArray:
        """Unit vectors float32 [B, D]."""
        features = self._encoder.users.encode([user.record for user in users]).features
        return encode_rows(self._network.user_tower, torch.from_numpy(features))

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """Cosine float32 [B, N] of each user and startup."""
        scores: FloatArray = self.user_vectors(users) @ self.startup_vectors.T
        return scores

    def probability(self, scores: FloatArray) -> FloatArray:
        """How likely the model takes it that the person likes the startup, from scores of `score`, same shape."""
        logits = self._network.scale.item() * scores + self._network.bias.item()
        probability: FloatArray = (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)
        return probability


class TwoTowerRecommender(Recommender):
    """Learns both towers from labelled pairs and profiles; knows people by their profile, so it serves cold ones."""

    name: ClassVar[str] = "two_tower"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, config: TrainingConfig | None = None) -> None:
        self.config = config or TrainingConfig()
        self._encoder: FeatureEncoder | None = None
        self._network: TwoTowerNetwork | None = None

    @classmethod
    def assemble(cls, config: TrainingConfig, encoder: FeatureEncoder, network: TwoTowerNetwork) -> Self:
        """A fitted engine from its parts; the network is taken over, on the CPU and without dropout."""
        recommender = cls(config)
        recommender._take(encoder, network)
        return recommender

    def _take(self, encoder: FeatureEncoder, network: TwoTowerNetwork) -> None:
        self._encoder = encoder
        self._network = network.cpu().eval().requires_grad_(False)

    def fit(self, data: TrainingData) -> Self:
        """Train for all of `config.epochs`, without validation; `training.train` stops at the best epoch instead.

        Raises:
            TrainingError: If the rows cannot train the configured loss, or training does not stay finite.
        """
        encoder = fit_encoder(self.config, data)
        fitter = profile_fitter(
            self.config,
            data.interactions,
            user_features=torch.from_numpy(encoder.users.encode(data.users).features),
            startup_features=torch.from_numpy(encoder.startups.encode(data.startups).features),
        )
        for epoch in range(self.config.epochs):
            fitter.run_epoch(epoch)
        self._take(encoder, fitter.network)
        return self

    def bind(self, catalogue: Catalogue) -> TwoTowerScorer:
        """Encode the catalogue once.

        Raises:
            NotFittedError: Before `fit`.
        """
        encoder, network = self.encoder, self.network
        return TwoTowerScorer(
            catalogue,
            encoder=encoder,
            network=network,
            startup_vectors=encode_rows(network.startup_tower, startup_features(encoder, catalogue.startups)),
        )

    @property
    def encoder(self) -> FeatureEncoder:
        """The fitted feature encoder."""
        if self._encoder is None:
            raise NotFittedError("the two-tower engine has not been trained; call fit or load a model")
        return self._encoder

    @property
    def network(self) -> TwoTowerNetwork:
        """The trained network."""
        if self._network is None:
            raise NotFittedError("the two-tower engine has not been trained; call fit or load a model")
        return self._network

    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The model as named tensors and JSON data, for a bundle."""
        tensors = {name: tensor.detach().clone() for name, tensor in self.network.state_dict().items()}
        return tensors, {"config": to_dict(self.config), "features": self.encoder.to_dict()}

    @classmethod
    def from_state(cls, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> Self:
        """The model that `to_state` described.

        Raises:
            ModelFileError: If the description or a tensor is missing, foreign or of another shape.
        """
        try:
            config = from_dict(description["config"])
            encoder = FeatureEncoder.from_dict(description["features"])
            network = TwoTowerNetwork(config)
            network.load_state_dict(dict(tensors))
        except (ConfigError, KeyError, RuntimeError, TypeError) as error:
            raise ModelFileError(
                f"the file does not hold a two-tower model that fits its description: {error}"
            ) from error
        return cls.assemble(config, encoder, network)


def fit_encoder(config: TrainingConfig, data: TrainingData) -> FeatureEncoder:
    """Vocabularies from the people and startups that occur in the rows of `data`, and from no others."""
    users = [data.users[row] for row in np.unique(data.interactions.user)]
    startups = [data.startups[row] for row in np.unique(data.interactions.startup)]
    return FeatureEncoder.fit(config.features, users, startups)


def startup_features(encoder: FeatureEncoder, startups: Sequence[StartupRecord]) -> Tensor:
    """Tower inputs float32 [N, F]."""
    return torch.from_numpy(encoder.startups.encode(startups).features)


@torch.inference_mode()
def encode_rows(tower: Tower, features: Tensor) -> FloatArray:
    """Unit vectors float32 [R, D] of tower inputs [R, F], a few thousand rows at a time, without dropout."""
    was_training = tower.training
    tower.eval()
    starts = range(0, max(len(features), 1), _ROWS_AT_ONCE)
    blocks = [tower(features[start : start + _ROWS_AT_ONCE]).cpu().numpy() for start in starts]
    tower.train(was_training)
    vectors: FloatArray = np.concatenate(blocks)
    return vectors
