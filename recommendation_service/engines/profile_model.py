"""Trained towers that know people and startups by their profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.growing_rows import GrowingRows
from recommendation_service.engines.single_row import SingleRowTower
from recommendation_service.engines.tower_model import BoundTowers, TowerModel
from recommendation_service.engines.tower_network import Tower, TwoTowerNetwork
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.types import Catalogue, FloatArray, StartupRecord, UserState

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
        return BoundProfiles(self.encoder, self.network, GrowingRows.holding(self._encode(catalogue.startups)))

    def extend(self, bound: BoundTowers, catalogue: Catalogue) -> BoundTowers:
        """Encode what was added."""
        if not isinstance(bound, BoundProfiles):
            return self.bind(catalogue)
        return bound.extended(self._encode(catalogue.startups[len(bound.startup_vectors) :]))

    def _encode(self, startups: Sequence[StartupRecord]) -> FloatArray:
        features = torch.from_numpy(self.encoder.startups.encode(startups).features)
        return encode_rows(self.network.startup_tower, features)

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

    def __init__(
        self, encoder: FeatureEncoder, network: TwoTowerNetwork, rows: GrowingRows, count: int | None = None
    ) -> None:
        """Take over the vectors of startups.

        Args:
            encoder: Of the towers.
            network: The towers.
            rows: Vectors.
            count: How many of them are the catalogue's, N; None for all.
        """
        self._encoder = encoder
        self._network = network
        self._one_user = SingleRowTower(network.user_tower, encoder.config.text)
        self._rows = rows
        self._startup_vectors = rows.first(rows.used if count is None else count)

    def extended(self, vectors: FloatArray) -> BoundProfiles:
        """The same with more startups behind."""
        there = len(self._startup_vectors)
        rows = self._rows.grown(there, vectors)
        return BoundProfiles(self._encoder, self._network, rows, there + len(vectors))

    @property
    def startup_vectors(self) -> FloatArray:
        """Unit vectors float32 [N, D]."""
        return self._startup_vectors

    def user_vectors(self, users: Sequence[UserState]) -> FloatArray:
        """Unit vectors float32 [B, D]."""
        if len(users) == 1:
            return self._one_user(self._encoder.users.encode_one(users[0].record))[None, :]
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
