"""The two towers: multilayer perceptrons whose unit-length outputs meet in a dot product."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.parallel_towers import ParallelTowers
from recommendation_service.engines.relu_dropout import ReluDropout
from recommendation_service.engines.training_config import LossConfig, TowerConfig, TrainingConfig


class TowerNetwork(nn.Module):
    """What any two towers share: the scale and bias that make a probability of a score."""

    def __init__(self, loss: LossConfig) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(loss.scale)), requires_grad=loss.learnable)
        self.bias = nn.Parameter(torch.tensor(loss.bias), requires_grad=loss.learnable)

    @property
    def scale(self) -> Tensor:
        """Factor of the cosine before the sigmoid; its logarithm is what is learned, so it stays above 0."""
        return self.log_scale.exp()


class Tower(nn.Module):
    """Linear, ReLU and dropout per hidden layer, a linear output, scaled to unit length."""

    def __init__(self, config: TowerConfig, *, inputs: int, outputs: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = inputs
        for hidden, dropout in zip(config.hidden, config.dropout, strict=True):
            layers += [nn.Linear(width, hidden), ReluDropout(dropout)]
            width = hidden
        self.layers = nn.Sequential(*layers, nn.Linear(width, outputs))

    def forward(self, features: Tensor) -> Tensor:
        """Unit vectors [R, D] of tower inputs [R, F]."""
        return F.normalize(self.layers(features), dim=-1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProfileInputs:
    """Profiles of everybody and everything, in memory once and gathered by index.

    Attributes:
        users: float32 [U, F].
        startups: float32 [S, F'].
    """

    users: Tensor
    startups: Tensor


class TwoTowerNetwork(TowerNetwork):
    """A tower over users' profiles and one over startups'."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__(config.loss)
        features = config.features
        self.user_tower = Tower(config.user_tower, inputs=features.user_width, outputs=config.embedding)
        self.startup_tower = Tower(config.startup_tower, inputs=features.startup_width, outputs=config.embedding)
        self._in_training = ParallelTowers([self.startup_tower.layers, self.user_tower.layers])

    def score(self, inputs: ProfileInputs, batch: TrainingBatch) -> Tensor:
        """Cosine [B, N] of every user and startup of a batch."""
        users, startups = self._encode(inputs, batch)
        return users @ startups.T

    def score_pairs(self, inputs: ProfileInputs, batch: TrainingBatch) -> Tensor:
        """Cosine [P] of the labelled pairs of a batch."""
        users, startups = self._encode(inputs, batch)
        return (users.index_select(0, batch.row) * startups.index_select(0, batch.column)).sum(dim=1)

    def _encode(self, inputs: ProfileInputs, batch: TrainingBatch) -> tuple[Tensor, Tensor]:
        """Unit vectors [B, D] and [N, D]."""
        if self.training and inputs.users.device.type == "cpu":
            startups, users = self._in_training.encode((inputs.startups, inputs.users), (batch.startups, batch.users))
            return users, startups
        return self.user_tower(inputs.users[batch.users]), self.startup_tower(inputs.startups[batch.startups])

    def forward(self, users: Tensor, startups: Tensor) -> Tensor:
        """Probability [B, N] that each user [B, 512] likes each startup [N, 468]."""
        cosine = self.user_tower(users) @ self.startup_tower(startups).T
        return torch.sigmoid(self.scale * cosine + self.bias)
