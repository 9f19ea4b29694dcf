"""Trained towers that know people and startups by their profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.tower_model import BoundTowers, TowerModel
from recommendation_service.engines.tower_network import Tower, TwoTowerNetwork
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.types import Catalogue, FloatArray, UserState

_ROWS_AT_ONCE = 8192


class ProfileModel(TowerModel):
    """Towers over the arrays of a fitted feature encoder; what somebody did is not looked at."""

    network: TwoTowerNetwork

    def __init__(self, config: TrainingConfig, encoder: FeatureEncoder, network: TwoTowerNetwork) -> None:
        super().__init__(network)
        self._config = config
        self.encoder = encoder

    @property
    def widths(self) -> Mapping[str, int]:
        """Widths of both inputs and of the output."""
        features = self._config.features
        return {
            "user_input": features.user_width,
            "startup_input": features.startup_width,
            "embedding": self._config.embedding,
        }

    def bind(self, catalogue: Catalogue) -> BoundProfiles:
        """Encode a catalogue once."""
        features = torch.from_numpy(self.encoder.startups.encode(catalogue.startups).features)
        return BoundProfiles(self.encoder, self.network, encode_rows(self.network.startup_tower, features))

    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The weights, and the state of the feature encoder."""
        tensors = {name: tensor.detach().clone() for name, tensor in self.network.state_dict().items()}
        return tensors, self.encoder.to_dict()

    @classmethod
    def from_state(cls, config: TrainingConfig, tensors: Mapping[str, Tensor], features: Mapping[str, Any]) -> Self:
        """The model that `to_state` described.

        Raises:
            ModelFileError: If the features are not a state that this code understands.
            RuntimeError: If a tensor is missing, foreign or of another shape.
        """
        encoder = FeatureEncoder.from_dict(features)
        network = TwoTowerNetwork(config)
        network.load_state_dict(dict(tensors))
        return cls(config, encoder, network)


class BoundProfiles(BoundTowers):
    """Profile towers with the startups of one catalogue encoded."""

    def __init__(self, encoder: FeatureEncoder, network: TwoTowerNetwork, startup_vectors: FloatArray) -> None:
        self._encoder = encoder
        self._network = network
        self._startup_vectors = startup_vectors

    @property
    def startup_vectors(self) -> FloatArray:
        """Unit vectors float32 [N, D]."""
        return self._startup_vectors

    def user_vectors(self, users: Sequence[UserState]) -> FloatArray:
        """Unit vectors float32 [B, D]."""
        features = self._encoder.users.encode([user.record for user in users]).features
        return encode_rows(self._network.user_tower, torch.from_numpy(features))


@torch.inference_mode()
def encode_rows(tower: Tower, features: Tensor) -> FloatArray:
    """Unit vectors float32 [R, D] of tower inputs [R, F], a few thousand rows at a time, without dropout."""
    was_training = tower.training
    if was_training:
        tower.eval()
    starts = range(0, max(len(features), 1), _ROWS_AT_ONCE)
    blocks = [tower(features[start : start + _ROWS_AT_ONCE]).cpu().numpy() for start in starts]
    if was_training:
        tower.train()
    vectors: FloatArray = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    return vectors
