"""What a model remembers of the platform: who liked which startup when, and what those startups were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from recommendation_service.engines.reranking.startup_state import startups_from_state, startups_to_state
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    Interactions,
    StartupRecord,
    TrainingData,
    UserRecord,
)

_ARRAYS = ("user", "startup", "label", "weight", "kind", "time")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlatformMemory:
    """The likes a model has seen. Dislikes and sampled negatives are no likes.

    Attributes:
        users: Id of each person who liked something.
        roles: What each of them is here for.
        startups: Each startup that somebody liked.
        likes: The likes in order of time; rows point into `users` and `startups`.
    """

    users: Sequence[str]
    roles: Sequence[str]
    startups: Sequence[StartupRecord]
    likes: Interactions

    @classmethod
    def of(cls, data: TrainingData) -> Self:
        """Remember the likes of a data set, and no more than they need."""
        likes = data.interactions.take(data.interactions.label > 0)
        likes = likes.take(np.argsort(likes.time, kind="stable"))
        users, user = np.unique(likes.user, return_inverse=True)
        startups, startup = np.unique(likes.startup, return_inverse=True)
        return cls(
            users=[data.users[row].id for row in users.tolist()],
            roles=[data.users[row].role for row in users.tolist()],
            startups=[data.startups[row] for row in startups.tolist()],
            likes=Interactions(
                user=user.astype(np.int32),
                startup=startup.astype(np.int32),
                label=likes.label,
                weight=likes.weight,
                kind=likes.kind,
                time=likes.time,
            ),
        )

    @property
    def data(self) -> TrainingData:
        """The likes as a data set of people of whom nothing but the id is known, for engines that need no more."""
        return TrainingData(
            users=[UserRecord(id=user, role="") for user in self.users],
            startups=self.startups,
            interactions=self.likes,
        )

    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Everything as named tensors and JSON data."""
        tensors, description = startups_to_state(self.startups)
        arrays = {f"likes.{name}": torch.from_numpy(getattr(self.likes, name).copy()) for name in _ARRAYS}
        return {**tensors, **arrays}, {
            **description,
            "users": list(self.users),
            "roles": list(self.roles),
            "kinds": list(INTERACTION_KINDS),
        }

    @classmethod
    def from_state(cls, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> Self:
        """The memory that `to_state` described.

        Raises:
            KeyError: If a part is missing.
            TypeError: If a part is of another kind.
        """
        arrays = {name: tensors[f"likes.{name}"].numpy() for name in _ARRAYS}
        code_of = {kind: code for code, kind in enumerate(INTERACTION_KINDS)}
        codes = np.array([code_of[kind] for kind in description["kinds"]], dtype=np.int8)
        arrays["kind"] = codes[arrays["kind"]]
        return cls(
            users=list(description["users"]),
            roles=list(description["roles"]),
            startups=startups_from_state(tensors, description),
            likes=Interactions(**arrays),
        )
