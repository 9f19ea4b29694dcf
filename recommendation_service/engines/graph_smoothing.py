"""Smoothing of embeddings over the graph of who liked what: each is averaged with its neighbours'.

Shapes: U people, S startups, E edges, D width of an embedding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adjacency:
    """The neighbours of every row of one side, as bags of rows of the other side.

    Attributes:
        neighbours: int64 [E], by row.
        starts: int64 [rows], where the neighbours of each row begin.
        damping: float32 [rows, 1], 1 / sqrt(degree); 0 where there is no neighbour.
    """

    neighbours: Tensor
    starts: Tensor
    damping: Tensor

    @classmethod
    def of(cls, rows: Tensor, neighbours: Tensor, *, count: int) -> Self:
        """The edges (int64 [E] each) seen from the side that has `count` rows."""
        degree = torch.bincount(rows, minlength=count)
        return cls(
            neighbours=neighbours[torch.argsort(rows, stable=True)],
            starts=degree.cumsum(0) - degree,
            damping=torch.where(degree > 0, degree.clamp(min=1).rsqrt(), 0.0)[:, None],
        )

    def sum(self, embeddings: Tensor) -> Tensor:
        """For each row the sum [rows, D] of its neighbours' embeddings."""
        return F.embedding_bag(self.neighbours, embeddings, self.starts, mode="sum")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LikesGraph:
    """People and startups, joined where a person liked a startup.

    Attributes:
        people: Seen from the people.
        startups: Seen from the startups.
    """

    people: Adjacency
    startups: Adjacency

    @classmethod
    def of(cls, user: Tensor, startup: Tensor, *, users: int, startups: int) -> Self:
        """From distinct positive pairs (int64 [E] each)."""
        return cls(
            people=Adjacency.of(user, startup, count=users),
            startups=Adjacency.of(startup, user, count=startups),
        )

    def smooth(self, users: Tensor, startups: Tensor, *, layers: int) -> tuple[Tensor, Tensor]:
        """The mean over 0 to `layers` steps of propagation, each edge damped by the square root of both degrees.

        Source: He et al. 2020, "LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation".

        Args:
            users: float32 [U, D].
            startups: float32 [S, D].
            layers: Steps.

        Returns:
            float32 [U, D] and [S, D].
        """
        all_users, all_startups = users, startups
        for _ in range(layers):
            users, startups = self.to_people(startups), self.to_startups(users)
            all_users, all_startups = all_users + users, all_startups + startups
        return all_users / (layers + 1), all_startups / (layers + 1)

    def to_people(self, startups: Tensor) -> Tensor:
        """One step, from the embeddings [S, D] of startups to [U, D]."""
        return propagate(startups, origin=self.startups, target=self.people)

    def to_startups(self, users: Tensor) -> Tensor:
        """One step, from the embeddings [U, D] of people to [S, D]."""
        return propagate(users, origin=self.people, target=self.startups)


def propagate(embeddings: Tensor, *, origin: Adjacency, target: Adjacency) -> Tensor:
    """One step along the edges, from the embeddings [rows of origin, D] to [rows of target, D]."""
    arrived: Tensor = _Propagation.apply(embeddings, origin, target)  # type: ignore[no-untyped-call]
    return arrived


class _Propagation(torch.autograd.Function):
    """The step is linear and its graph symmetric, so its gradient is the same step taken the other way.

    That costs what the step costs; the gradient of a bag of embeddings would sort all edges every time.
    """

    @staticmethod
    def forward(context: FunctionCtx, embeddings: Tensor, origin: Adjacency, target: Adjacency) -> Tensor:
        context.sides = (origin, target)  # type: ignore[attr-defined]
        return target.sum(embeddings * origin.damping) * target.damping

    @staticmethod
    def backward(context: FunctionCtx, gradient: Tensor) -> tuple[Tensor, None, None]:
        origin, target = context.sides  # type: ignore[attr-defined]
        return origin.sum(gradient * target.damping) * origin.damping, None, None
