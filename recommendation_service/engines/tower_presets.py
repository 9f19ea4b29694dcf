"""Which towers a configuration asks for: the one place that knows every kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from recommendation_service.engines.profile_model import ProfileModel
from recommendation_service.engines.profile_training import ProfileTraining
from recommendation_service.engines.tower_model import TowerModel
from recommendation_service.engines.tower_training import TowerTraining
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.types import TrainingData


def prepare_towers(config: TrainingConfig, data: TrainingData, *, device: torch.device) -> TowerTraining:
    """Fresh towers with what they will learn from.

    Raises:
        TrainingError: If the rows cannot train them.
        ConfigError: If the loss is unknown.
    """
    return ProfileTraining(config, data, device)


def load_towers(config: TrainingConfig, tensors: Mapping[str, Tensor], features: Mapping[str, Any]) -> TowerModel:
    """The towers of a saved state.

    Raises:
        ModelFileError: If the features are not a state that this code understands.
        KeyError, RuntimeError: If a tensor is missing, foreign or of another shape.
    """
    return ProfileModel.from_state(config, tensors, features)
