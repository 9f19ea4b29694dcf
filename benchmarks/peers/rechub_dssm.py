"""torch-rechub's DSSM, a public two-tower (Huang et al. 2013), on Launchmatch's own features and labelled rows.

Model and trainer are the library's; only the batches are gathered by index here, which its loaders would do row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor
from torch_rechub.basic.features import DenseFeature
from torch_rechub.models.matching import DSSM
from torch_rechub.trainers import MatchTrainer

from recommendation_service.engines.errors import NotFittedError
from recommendation_service.engines.feature_config import FeatureConfig
from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState


@dataclass(frozen=True, kw_only=True)
class RechubDssmConfig:
    """The library's settings.

    Attributes:
        in_batch: Softmax over in-batch negatives of the positive rows, instead of the pointwise loss over all rows.
        dims: Layers of both towers.
        dropout: After each layer.
        epochs: Passes over the rows.
        batch_size: Rows per step.
        learning_rate: Of Adam.
        seed: Of weights, order and dropout.
    """

    in_batch: bool = False
    dims: tuple[int, ...] = (128, 64)
    dropout: float = 0.2
    epochs: int = 3
    batch_size: int = 1024
    learning_rate: float = 1e-3
    seed: int = 0


class RechubDssmScorer(Scorer):
    """Trained towers bound to one catalogue."""

    def __init__(self, catalogue: Catalogue, encoder: FeatureEncoder, model: DSSM) -> None:
        super().__init__(catalogue)
        self._encoder = encoder
        self._model = model
        self._startups = _vectors(model, "item", encoder.startups.encode(catalogue.startups).features)

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """Cosine float32 [B, N]."""
        features = self._encoder.users.encode([user.record for user in users]).features
        scores: FloatArray = _vectors(self._model, "user", features) @ self._startups.T
        return scores


class RechubDssmPeer(Recommender):
    """Profile towers, as the library trains them."""

    name: ClassVar[str] = "rechub_dssm"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, config: RechubDssmConfig | None = None) -> None:
        self.config = config or RechubDssmConfig()
        self._encoder: FeatureEncoder | None = None
        self._model: DSSM | None = None

    def fit(self, data: TrainingData) -> Self:
        """Train for all epochs."""
        config = self.config
        self._encoder = FeatureEncoder.fit(
            FeatureConfig(),
            [data.users[row] for row in np.unique(data.interactions.user)],
            [data.startups[row] for row in np.unique(data.interactions.startup)],
        )
        users = torch.from_numpy(self._encoder.users.encode(data.users).features)
        startups = torch.from_numpy(self._encoder.startups.encode(data.startups).features)
        batches = _Batches(data, users, startups, config)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self._model = DSSM(
                [DenseFeature("user", embed_dim=users.shape[1])],
                [DenseFeature("item", embed_dim=startups.shape[1])],
                user_params={"dims": list(config.dims), "dropout": config.dropout},
                item_params={"dims": list(config.dims), "dropout": config.dropout},
            )
            trainer = MatchTrainer(
                self._model,
                mode=0,
                in_batch_neg=config.in_batch,
                sampler_seed=config.seed,
                optimizer_params={"lr": config.learning_rate, "weight_decay": 1e-5},
            )
            for _ in range(config.epochs):
                trainer.train_one_epoch(batches)
        self._model.eval()
        return self

    def bind(self, catalogue: Catalogue) -> RechubDssmScorer:
        """Encode the catalogue once."""
        if self._encoder is None or self._model is None:
            raise NotFittedError(f"{self.name} has not learned yet; call fit(data) first")
        return RechubDssmScorer(catalogue, self._encoder, self._model)


class _Batches:
    """The library's batches ({"user": [P, F], "item": [P, F']}, label [P]) in a new order on each pass.

    The pointwise loss knows two classes, so every act that is no dislike is a 1.
    """

    def __init__(self, data: TrainingData, users: Tensor, startups: Tensor, config: RechubDssmConfig) -> None:
        rows = data.interactions
        if config.in_batch:
            rows = rows.take(rows.label > 0)
        self._user = torch.from_numpy(rows.user.astype(np.int64))
        self._item = torch.from_numpy(rows.startup.astype(np.int64))
        self._label = torch.from_numpy((rows.label > 0).astype(np.float32))
        self._users, self._startups = users, startups
        self._batch_size = config.batch_size
        self._generator = torch.Generator().manual_seed(config.seed)

    def __len__(self) -> int:
        return -(-len(self._label) // self._batch_size)

    def __iter__(self) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        order = torch.randperm(len(self._label), generator=self._generator)
        for start in range(0, len(order), self._batch_size):
            rows = order[start : start + self._batch_size]
            yield (
                {"user": self._users[self._user[rows]], "item": self._startups[self._item[rows]]},
                self._label[rows],
            )


@torch.inference_mode()
def _vectors(model: Any, side: str, features: FloatArray) -> FloatArray:
    """Unit vectors float32 [R, D] of one tower."""
    model.mode = side
    vectors: FloatArray = model({side: torch.from_numpy(features)}).numpy()
    return vectors
