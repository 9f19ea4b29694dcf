"""Tower inputs of a whole dataset, computed once and kept on one device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.two_tower import fit_encoder
from recommendation_service.engines.types import TrainingData


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TowerFeatures:
    """Tower inputs of all records of a dataset.

    Attributes:
        encoder: Fitted on the people and startups that occur in the rows.
        users: float32 [U, F].
        startups: float32 [N, F'].
        missing_users: People whose text embedding is missing or unusable.
        missing_startups: Startups likewise.
    """

    encoder: FeatureEncoder
    users: Tensor
    startups: Tensor
    missing_users: int
    missing_startups: int

    @classmethod
    def of(cls, config: TrainingConfig, data: TrainingData, device: torch.device) -> Self:
        """Fit the encoder on `data` and encode all of its records."""
        encoder = fit_encoder(config, data)
        users = encoder.users.encode(data.users)
        startups = encoder.startups.encode(data.startups)
        return cls(
            encoder=encoder,
            users=torch.from_numpy(users.features).to(device),
            startups=torch.from_numpy(startups.features).to(device),
            missing_users=users.missing_embeddings + users.invalid_embeddings,
            missing_startups=startups.missing_embeddings + startups.invalid_embeddings,
        )
