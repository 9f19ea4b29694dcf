"""Where id embeddings begin: the leading singular vectors of the damped matrix of likes, found in a few products.

From random values the same training needs several times the epochs to rank as well.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from recommendation_service.engines.graph_smoothing import LikesGraph

_SPARE_DIMENSIONS = 16
_ROUNDS = 4
_JITTER = 1e-6
"""Gives a direction to whom nobody is joined; next to singular vectors it is nothing."""


def spectral_start(graph: LikesGraph, width: int) -> tuple[Tensor, Tensor]:
    """Vectors of unit length [U, width] and [S, width] for the people and startups of a graph.

    Each side's singular vectors are scaled by the square root of their singular values, and then to unit length.
    Randomness is drawn from torch's global generator.

    Source: Halko, Martinsson & Tropp 2011, "Finding Structure with Randomness", algorithm 4.4.

    Args:
        graph: Who liked what.
        width: Of the embeddings.
    """
    users, startups = len(graph.people.starts), len(graph.startups.starts)
    left, values, right = leading_singular_vectors(graph, min(width, users, startups))
    root = values.clamp(min=0.0).sqrt()
    return _unit(left * root, width), _unit(right * root, width)


def leading_singular_vectors(graph: LikesGraph, rank: int) -> tuple[Tensor, Tensor, Tensor]:
    """Of the matrix of likes [U, S], each divided by the square roots of both degrees.

    Args:
        graph: Who liked what.
        rank: How many, at most min(U, S).

    Returns:
        float32 [U, rank], the singular values [rank] in descending order, and float32 [S, rank].
    """
    smaller_side = min(len(graph.people.starts), len(graph.startups.starts))
    probes = min(rank + _SPARE_DIMENSIONS, smaller_side)
    basis = torch.randn(len(graph.startups.starts), probes, device=graph.people.starts.device)
    for _ in range(_ROUNDS):
        orthogonal, _ = torch.linalg.qr(graph.to_people(basis))
        basis, _ = torch.linalg.qr(graph.to_startups(orthogonal))
    left, values, rotation = torch.linalg.svd(graph.to_people(basis), full_matrices=False)
    return left[:, :rank], values[:rank], (basis @ rotation.T)[:, :rank]


def _unit(vectors: Tensor, width: int) -> Tensor:
    padded = F.pad(vectors, (0, width - vectors.shape[1]))
    return F.normalize(padded + _JITTER * torch.randn_like(padded), dim=-1)
