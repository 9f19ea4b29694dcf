from __future__ import annotations

import numpy as np
import pytest
import torch

from recommendation_service.engines.graph_smoothing import LikesGraph
from recommendation_service.engines.spectral_start import leading_singular_vectors, spectral_start

USERS, STARTUPS = 40, 30


@pytest.fixture
def likes() -> torch.Tensor:
    likes = torch.rand(USERS, STARTUPS, generator=torch.Generator().manual_seed(2)) < 0.2
    likes[7], likes[:, 3] = False, False
    return likes


@pytest.fixture
def graph(likes: torch.Tensor) -> LikesGraph:
    user, startup = likes.nonzero(as_tuple=True)
    return LikesGraph.of(user, startup, users=USERS, startups=STARTUPS)


def test_it_finds_what_a_dense_decomposition_finds(likes: torch.Tensor, graph: LikesGraph) -> None:
    dense = likes.double().numpy()
    damping = [np.maximum(dense.sum(axis=axis), 1) ** -0.5 for axis in (1, 0)]
    expected = np.linalg.svd(damping[0][:, None] * dense * damping[1], full_matrices=False)
    left, values, right = (part.numpy() for part in leading_singular_vectors(graph, 5))
    np.testing.assert_allclose(values, expected[1][:5], atol=1e-4)
    rebuilt = (expected[0][:, :5] * expected[1][:5]) @ expected[2][:5]
    np.testing.assert_allclose((left * values) @ right.T, rebuilt, atol=2e-3)


@pytest.mark.parametrize("width", [4, 64])
def test_everybody_gets_a_direction(graph: LikesGraph, width: int) -> None:
    """Those without likes too, and where the embeddings are wider than the matrix."""
    for vectors, rows in zip(spectral_start(graph, width), (USERS, STARTUPS), strict=True):
        assert vectors.shape == (rows, width)
        np.testing.assert_allclose(vectors.norm(dim=1), 1, atol=1e-5)


def test_people_of_one_community_begin_alike() -> None:
    """Two groups that share no startup, joined to each other by a single like."""
    likes = torch.zeros(8, 8)
    likes[:4, :4] = likes[4:, 4:] = likes[0, 4] = 1
    user, startup = likes.nonzero(as_tuple=True)
    users, startups = spectral_start(LikesGraph.of(user, startup, users=8, startups=8), 2)
    cosine = users @ startups.T
    assert cosine[1:4, :4].min() > cosine[1:4, 5:].max() + 0.5
    assert cosine[4:, 5:].min() > cosine[4:, :4].max() + 0.5
