"""How others train two towers of the same widths on the same pairs: a public library, and the usual DataLoader loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torch_rechub.basic.features import DenseFeature
from torch_rechub.models.matching import DSSM
from torch_rechub.trainers import MatchTrainer
from torch_rechub.utils.data import DataGenerator

from recommendation_service.engines.training_config import TowerConfig, TrainingConfig

Epoch = Callable[[], None]
"""Trains on every pair once."""


class PairDataset(Dataset[tuple[Tensor, Tensor, Tensor, Tensor]]):
    """One labelled pair an item, as tutorials write it: features looked up, label and weight beside them."""

    def __init__(self, users: Tensor, startups: Tensor, pairs: Mapping[str, Tensor]) -> None:
        self._users, self._startups, self._pairs = users, startups, pairs

    def __len__(self) -> int:
        return len(self._pairs["label"])

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        pairs = self._pairs
        return (
            self._users[pairs["user"][index]],
            self._startups[pairs["startup"][index]],
            pairs["label"][index],
            pairs["weight"][index],
        )


def dataloader_epoch(config: TrainingConfig, users: Tensor, startups: Tensor, pairs: Mapping[str, Tensor]) -> Epoch:
    """The same towers, loss, optimiser and clipping as ours, fed by a shuffling `DataLoader`."""
    user_tower = _tower(config.user_tower, users.shape[1], config.embedding)
    startup_tower = _tower(config.startup_tower, startups.shape[1], config.embedding)
    parameters = [*user_tower.parameters(), *startup_tower.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=config.optimizer.learning_rate)
    loader = DataLoader(PairDataset(users, startups, pairs), batch_size=config.batch_size, shuffle=True)

    def run() -> None:
        for user, startup, label, weight in loader:
            optimizer.zero_grad()
            cosine = (F.normalize(user_tower(user), dim=1) * F.normalize(startup_tower(startup), dim=1)).sum(dim=1)
            logits = config.loss.scale * cosine + config.loss.bias
            F.binary_cross_entropy_with_logits(logits, label, weight=weight).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, config.optimizer.clip_norm)
            optimizer.step()

    return run


def rechub_epoch(config: TrainingConfig, users: Tensor, startups: Tensor, pairs: Mapping[str, Tensor]) -> Epoch:
    """torch-rechub's DSSM under its own trainer and data generator, with point-wise labels of 0 and 1."""
    model = DSSM(
        [DenseFeature("user", embed_dim=users.shape[1])],
        [DenseFeature("startup", embed_dim=startups.shape[1])],
        user_params=_rechub_tower(config.user_tower, config.embedding),
        item_params=_rechub_tower(config.startup_tower, config.embedding),
    )
    trainer = MatchTrainer(model, mode=0, n_epoch=1, device="cpu")
    inputs = {"user": users[pairs["user"]], "startup": startups[pairs["startup"]]}
    loader = DataLoader(
        DataGenerator(inputs, (pairs["label"] > 0).float()).dataset, batch_size=config.batch_size, shuffle=True
    )

    def run() -> None:
        trainer.train_one_epoch(loader, log_interval=10**9)

    return run


def _rechub_tower(tower: TowerConfig, outputs: int) -> dict[str, Any]:
    """Its towers know one dropout rate, and treat the output layer like a hidden one."""
    return {"dims": [*tower.hidden, outputs], "dropout": tower.dropout[0], "activation": "relu"}


def _tower(tower: TowerConfig, inputs: int, outputs: int) -> nn.Module:
    layers: list[nn.Module] = []
    for hidden, rate in zip(tower.hidden, tower.dropout, strict=True):
        layers += [nn.Linear(inputs, hidden), nn.ReLU(), nn.Dropout(rate)]
        inputs = hidden
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))
