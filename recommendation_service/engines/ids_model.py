"""Trained id towers: a vector for each person and startup of the training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from recommendation_service.engines.ids_network import IdsNetwork
from recommendation_service.engines.tower_model import BoundTowers, TowerModel
from recommendation_service.engines.tower_network import TowerNetwork
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState


class VectorTable:
    """Vectors of one side by id; an id that it does not know gets the mean vector.

    Attributes:
        ids: Of the rows.
        vectors: float32 [R, D].
    """

    def __init__(self, ids: Sequence[str], vectors: FloatArray) -> None:
        self.ids = tuple(ids)
        self.vectors = vectors
        self._row_of = {key: row for row, key in enumerate(self.ids)}
        self._rows_and_mean = np.vstack([vectors, vectors.mean(axis=0)])

    def take(self, ids: Sequence[str]) -> FloatArray:
        """float32 [len(ids), D]."""
        rows = [self._row_of.get(key, len(self.ids)) for key in ids]
        vectors: FloatArray = self._rows_and_mean[rows]
        return vectors


class IdsModel(TowerModel):
    """Knows only whom it was trained on: other people rank like the average person."""

    def __init__(self, network: TowerNetwork, *, users: VectorTable, startups: VectorTable) -> None:
        super().__init__(network)
        self.users = users
        self.startups = startups

    @classmethod
    def of(cls, config: TrainingConfig, network: IdsNetwork, data: TrainingData) -> Self:
        """The vectors that a network has for the people and startups it was trained on."""
        with torch.inference_mode():
            users, startups = (vectors.cpu().numpy() for vectors in network())
        return cls(
            _probability_of(config, network.state_dict()),
            users=VectorTable([user.id for user in data.users], users),
            startups=VectorTable([startup.id for startup in data.startups], startups),
        )

    @property
    def widths(self) -> Mapping[str, int]:
        """How many ids either side knows, and the width of a vector."""
        return {
            "user_input": len(self.users.ids),
            "startup_input": len(self.startups.ids),
            "embedding": self.users.vectors.shape[1],
        }

    def bind(self, catalogue: Catalogue) -> BoundIds:
        """Look a catalogue up."""
        vectors = self.startups.take([startup.id for startup in catalogue.startups])
        return BoundIds(users=self.users, startup_vectors=vectors)

    def extend(self, bound: BoundTowers, catalogue: Catalogue) -> BoundTowers:
        """Look up what was added."""
        vectors = bound.startup_vectors
        added = self.startups.take([startup.id for startup in catalogue.startups[len(vectors) :]])
        return BoundIds(users=self.users, startup_vectors=np.concatenate([vectors, added]))

    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The vectors, and the ids that they belong to."""
        tensors = {name: tensor.detach().clone() for name, tensor in self.network.state_dict().items()}
        tensors["users"] = torch.from_numpy(self.users.vectors)
        tensors["startups"] = torch.from_numpy(self.startups.vectors)
        return tensors, {"users": list(self.users.ids), "startups": list(self.startups.ids)}

    @classmethod
    def from_state(cls, config: TrainingConfig, tensors: Mapping[str, Tensor], features: Mapping[str, Any]) -> Self:
        """The model that `to_state` described.

        Raises:
            KeyError, RuntimeError: If a tensor is missing or of another shape.
        """
        return cls(
            _probability_of(config, tensors),
            users=VectorTable(features["users"], tensors["users"].numpy()),
            startups=VectorTable(features["startups"], tensors["startups"].numpy()),
        )


class BoundIds(BoundTowers):
    """Id towers with the startups of one catalogue looked up."""

    def __init__(self, *, users: VectorTable, startup_vectors: FloatArray) -> None:
        self._users = users
        self._startup_vectors = startup_vectors

    @property
    def startup_vectors(self) -> FloatArray:
        """float32 [N, D]; longer for what many like."""
        return self._startup_vectors

    def user_vectors(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, D]; of unit length for whom the training knew."""
        return self._users.take([user.record.id for user in users])


def _probability_of(config: TrainingConfig, tensors: Mapping[str, Tensor]) -> TowerNetwork:
    """What makes a probability of a score, without the embeddings."""
    network = TowerNetwork(config.loss)
    network.load_state_dict({name: tensors[name] for name in network.state_dict()})
    return network
