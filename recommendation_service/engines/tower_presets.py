"""Which towers a configuration asks for: the one place that knows every kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.history_model import HistoryModel
from recommendation_service.engines.history_training import HistoryTraining
from recommendation_service.engines.ids_model import IdsModel
from recommendation_service.engines.ids_training import IdsTraining
from recommendation_service.engines.losses import find_loss
from recommendation_service.engines.profile_model import ProfileModel
from recommendation_service.engines.profile_training import ProfileTraining
from recommendation_service.engines.tower_model import TowerModel
from recommendation_service.engines.tower_training import TowerTraining
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.types import TrainingData


def prepare_towers(
    config: TrainingConfig,
    data: TrainingData,
    *,
    device: torch.device,
    horizon: timedelta | None = None,
    inputs_folder: Path | None = None,
) -> TowerTraining:
    """Fresh towers with what they will learn from.

    Args:
        config: The training.
        data: Records and rows to learn from.
        device: Where it is computed.
        horizon: How far ahead the model will be judged, where that is known.
        inputs_folder: Where the inputs of profile towers lie when they exceed memory; None keeps them there.

    Raises:
        TrainingError: If the rows cannot train them.
        ConfigError: If the loss is unknown, or the towers have no use for it or for drawn negatives.
    """
    if config.towers != "profile":
        _require_whole_catalogue(config)
    if config.towers == "history":
        return HistoryTraining(config, data, device, horizon=horizon)
    if config.towers == "ids":
        return IdsTraining(config, data, device)
    return ProfileTraining(config, data, device, inputs_folder=inputs_folder)


def _require_whole_catalogue(config: TrainingConfig) -> None:
    """Refuse what says nothing to towers that meet every startup in every step: it would be left out in silence."""
    if find_loss(config.loss.name).uses_negatives:
        raise ConfigError(
            f"the loss {config.loss.name} takes its negatives from the rows of label 0, of which {config.towers} "
            "towers see dislikes alone; choose a ranking loss like softmax"
        )
    if config.negatives.are_drawn:
        raise ConfigError(
            f"{config.towers} towers meet the whole catalogue in every step, so nothing is drawn beside it; set "
            "negatives.uniform, negatives.popular and negatives.hard to 0"
        )


def load_towers(config: TrainingConfig, tensors: Mapping[str, Tensor], features: Mapping[str, Any]) -> TowerModel:
    """The towers of a saved state.

    Raises:
        ModelFileError: If the features are not a state that this code understands.
        KeyError, RuntimeError, ValueError: If a tensor is missing, foreign, damaged or of another shape.
    """
    if config.towers == "history":
        return HistoryModel.from_state(config, tensors, features)
    if config.towers == "ids":
        return IdsModel.from_state(config, tensors, features)
    return ProfileModel.from_state(config, tensors, features)
