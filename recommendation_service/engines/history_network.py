"""Towers that compare what a person did and asks for with what a startup is, facet by facet, text by text.

Shapes: B people, N startups, V facets of K kinds, P pools, G gates, T width of a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recommendation_service.engines.device_copies import on_device
from recommendation_service.engines.history_sides import (
    AUDIENCE_POOLS,
    FACET_POOLS,
    GATES,
    TEXT_POOLS,
    PeopleSide,
    Rows,
    StartupSide,
)
from recommendation_service.engines.tower_network import TowerNetwork
from recommendation_service.engines.training_config import TrainingConfig

_FACET_WEIGHT, _TEXT_WEIGHT, _AUDIENCE_WEIGHT = 0.1, 1.0, 0.1
"""What a shared facet, a like text and a like audience count for before anything is learned."""
TEXT_STEP = 3.0
"""Lets the optimiser move the weights of texts, whose cosines are small, as far as they need."""
_POWER = 0.5
"""Of the number of facets of one kind, before anything is learned: long lists do not win by length."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StartupTensors:
    """`StartupSide` on a device; the sparse facets as the three parts of an embedding bag."""

    columns: Tensor
    starts: Tensor
    counts: Tensor
    texts: Tensor
    numbers: Tensor
    known: Tensor

    @classmethod
    def of(cls, side: StartupSide, device: torch.device) -> Self:
        """Take over a side."""
        return cls(
            columns=on_device(side.facets.indices.astype(np.int64), device),
            starts=on_device(side.facets.indptr[:-1].astype(np.int64), device),
            counts=on_device(side.facets.data, device),
            texts=on_device(side.texts, device),
            numbers=on_device(side.numbers, device),
            known=on_device(side.known, device),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleTensors:
    """`PeopleSide` on a device; facets are dense, float32 [P, B, V]."""

    facets: Tensor
    texts: Tensor
    gates: Tensor
    roles: Tensor

    @classmethod
    def of(cls, side: PeopleSide, rows: Rows | slice, device: torch.device) -> Self:
        """Take over some rows of a side."""
        facets = np.stack([table[rows].toarray() for table in side.facets])
        return cls(
            facets=on_device(facets, device),
            texts=on_device(side.texts[:, rows], device),
            gates=on_device(side.gates[rows], device),
            roles=on_device(side.roles[rows], device),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HistoryConstants:
    """What the network is built around, measured on training data.

    Attributes:
        kind_of: int64 [V], kind of each facet.
        rarity: float32 [V], what sharing a facet says before anything is learned.
        numbers_mean: float32 [M], of each number of a startup.
        numbers_deviation: float32 [M], likewise, above 0.
        gates_mean: float32 [G], what is subtracted from each gate.
        audience_deviation: float32 [2], of the likeness of audiences, above 0.
        roles: Roles of people.
        ids: Startups that were acted on.
    """

    kind_of: Tensor
    rarity: Tensor
    numbers_mean: Tensor
    numbers_deviation: Tensor
    gates_mean: Tensor
    audience_deviation: Tensor
    roles: int
    ids: int

    @classmethod
    def of_state(cls, tensors: Mapping[str, Tensor]) -> Self:
        """The constants in the state of a network.

        Raises:
            KeyError: If one is missing.
        """
        buffers = {name: tensors[name] for name in _BUFFERS}
        return cls(**buffers, roles=len(tensors["role_weight"]) - 1, ids=len(tensors["id_bias"]) - 1)


_BUFFERS = ("kind_of", "rarity", "numbers_mean", "numbers_deviation", "gates_mean", "audience_deviation")


class HistoryNetwork(TowerNetwork):
    """Learned weights of every kind of agreement, which become more or less the more a person has done.

    The score is a dot product of what a person looks for (facets, text, 1) and what a startup is (facets, text, how it
    stands), and one of the people who liked what the person liked and those who liked the startup.
    """

    kind_of: Tensor
    rarity: Tensor
    numbers_mean: Tensor
    numbers_deviation: Tensor
    gates_mean: Tensor
    audience_deviation: Tensor

    def __init__(self, config: TrainingConfig, constants: HistoryConstants) -> None:
        """Start from plain agreement."""
        super().__init__(config.loss)
        for name in _BUFFERS:
            self.register_buffer(name, getattr(constants, name))
        facets, kinds = len(constants.kind_of), int(constants.kind_of.max()) + 1
        self.pool_weight = _always(_FACET_WEIGHT, len(FACET_POOLS), kinds)
        self.text_weight = _always(_TEXT_WEIGHT, len(TEXT_POOLS))
        self.audience_weight = _always(_AUDIENCE_WEIGHT, len(AUDIENCE_POOLS))
        self.facet_weight = nn.Parameter(torch.zeros(1, facets))
        self.role_weight = nn.Parameter(torch.zeros(constants.roles + 1, facets))
        self.power = nn.Parameter(torch.full((kinds,), _POWER))
        self.number_weight = nn.Parameter(torch.zeros(len(constants.numbers_mean)))
        self.id_bias = nn.Parameter(torch.zeros(constants.ids + 1, 1))
        self._id_dropout = config.history.id_dropout

    def score(self, people: PeopleTensors, startups: StartupTensors, audience: Tensor) -> Tensor:
        """Scores [B, N]; facets of startups are few, so they are multiplied sparse.

        Args:
            people: B people.
            startups: N startups.
            audience: float32 [2, B, N], likeness of audiences for each of AUDIENCE_POOLS, see `audience_likeness`.
        """
        wanted, rest, alike = self.parts_of_people(people)
        had, rest_of_startups = self.parts_of_startups(startups)
        shared = F.embedding_bag(startups.columns, wanted.T, startups.starts, mode="sum", per_sample_weights=had)
        return shared.T + rest @ rest_of_startups.T + (alike[:, :, None] * audience).sum(dim=0)

    def parts_of_people(self, people: PeopleTensors) -> tuple[Tensor, Tensor, Tensor]:
        """How much they want each facet [B, V], their text and 1 [B, T + 1], what likeness is worth to them [2, B]."""
        alike = self._gates(people) @ (self.audience_weight / self.audience_deviation[:, None]).T
        return self._wanted(people), self._rest_of_people(people), alike.T

    def parts_of_startups(self, startups: StartupTensors) -> tuple[Tensor, Tensor]:
        """How much each facet entry counts [entries], and their text and standing [N, T + 1]."""
        had = self.facet_worth(startups.columns, startups.counts)
        return had, self._rest_of_startups(startups)

    def facet_worth(self, columns: Tensor, counts: Tensor) -> Tensor:
        """How much each facet of a startup counts: n^-power where it has n of the kind, [entries]."""
        return counts ** -self.power[self.kind_of[columns]]

    def standing(self, numbers: Tensor, known: Tensor) -> Tensor:
        """What startups get whoever asks, [N], by their numbers [N, M] and what is particular to them."""
        scaled = (numbers - self.numbers_mean) / self.numbers_deviation
        return scaled @ self.number_weight + self._own_bias(known)

    def user_vectors(self, people: PeopleTensors) -> Tensor:
        """float32 [B, V + T + 1]: all but the audience."""
        return torch.cat([self._wanted(people), self._rest_of_people(people)], dim=1)

    def startup_vectors(self, startups: StartupTensors) -> Tensor:
        """float32 [N, V + T + 1]: all but the audience."""
        facets = startups.texts.new_zeros(len(startups.texts), len(self.kind_of))
        counts = torch.diff(startups.starts, append=startups.starts.new_tensor([len(startups.columns)]))
        facets[torch.repeat_interleave(counts), startups.columns] = self.facet_worth(startups.columns, startups.counts)
        return torch.cat([facets, self._rest_of_startups(startups)], dim=1)

    def _wanted(self, people: PeopleTensors) -> Tensor:
        """How much each person wants each facet, [B, V]."""
        by_kind = torch.einsum("pkg,bg->pbk", self.pool_weight, self._gates(people))
        pooled = (by_kind[:, :, self.kind_of] * people.facets).sum(dim=0)
        return pooled * self.rarity * self.facet_weight.exp() + self.role_weight[people.roles]

    def _gates(self, people: PeopleTensors) -> Tensor:
        return people.gates - self.gates_mean

    def _rest_of_people(self, people: PeopleTensors) -> Tensor:
        gates = self._gates(people)
        text = TEXT_STEP * torch.einsum("pg,bg,pbt->bt", self.text_weight, gates, people.texts)
        return torch.cat([text, torch.ones_like(text[:, :1])], dim=1)

    def _rest_of_startups(self, startups: StartupTensors) -> Tensor:
        standing = self.standing(startups.numbers, startups.known)
        return torch.cat([startups.texts, standing[:, None]], dim=1)

    def _own_bias(self, known: Tensor) -> Tensor:
        """What is particular to each startup, [N]; 0 for one that nobody had acted on, and for some in training."""
        kept = known >= 0
        if self.training:
            kept = kept & (torch.rand(len(known), device=known.device) >= self._id_dropout)
        return torch.where(kept, self.id_bias[known, 0], 0.0)


def audience_likeness(people: PeopleSide, rows: Rows | slice, startups: StartupSide, device: torch.device) -> Tensor:
    """float32 [2, B, N]: how alike the audience of each startup is to that of what some people liked."""
    likeness = [(table[rows] @ startups.audience.T).toarray() for table in people.audience]
    return on_device(np.stack(likeness), device)


def _always(value: float, *shape: int) -> nn.Parameter:
    """Weights [..., G] that begin the same for everybody."""
    weights = torch.zeros(*shape, len(GATES))
    weights[..., 0] = value
    return nn.Parameter(weights)
