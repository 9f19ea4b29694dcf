from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from recommendation_service.engines.graph_smoothing import LikesGraph

LIKES = torch.tensor([[1, 1, 1, 1, 0], [1, 0, 1, 0, 0], [0, 0, 0, 0, 0]])
"""Three people, the last without a like, and five startups, the last liked by nobody."""
USERS, STARTUPS = LIKES.shape


@pytest.fixture
def graph() -> LikesGraph:
    user, startup = LIKES.nonzero(as_tuple=True)
    shuffled = torch.tensor([4, 0, 2, 5, 1, 3])
    return LikesGraph.of(user[shuffled], startup[shuffled], users=USERS, startups=STARTUPS)


def test_one_step_by_hand(graph: LikesGraph) -> None:
    """Startup 0 has two likes, its first liker four: the edge counts 1 / sqrt(2 * 4)."""
    users = torch.tensor([[1.0], [0.0], [0.0]])
    smooth_users, smooth_startups = graph.smooth(users, torch.zeros(STARTUPS, 1), layers=1)
    assert smooth_startups[0].item() == pytest.approx(0.5 / 8**0.5)
    assert smooth_startups[1].item() == pytest.approx(0.5 / 4**0.5)
    assert smooth_users[0].item() == 0.5


@pytest.mark.parametrize("layers", [0, 1, 2, 3])
def test_smoothing_is_the_mean_of_powers_of_the_damped_adjacency(graph: LikesGraph, layers: int) -> None:
    adjacency = np.zeros((USERS + STARTUPS, USERS + STARTUPS))
    adjacency[:USERS, USERS:] = LIKES.numpy()
    adjacency += adjacency.T
    damping = np.divide(1.0, np.sqrt(adjacency.sum(1)), out=np.zeros(len(adjacency)), where=adjacency.sum(1) > 0)
    step = damping[:, None] * adjacency * damping
    embeddings = np.random.default_rng(0).standard_normal((USERS + STARTUPS, 4)).astype(np.float32)
    expected = np.mean([np.linalg.matrix_power(step, power) @ embeddings for power in range(layers + 1)], axis=0)

    users, startups = (torch.from_numpy(part) for part in np.split(embeddings, [USERS]))
    np.testing.assert_allclose(torch.cat(graph.smooth(users, startups, layers=layers)), expected, atol=1e-6)


def test_gradient_equals_finite_differences(graph: LikesGraph) -> None:
    def smooth(users: Tensor, startups: Tensor) -> tuple[Tensor, Tensor]:
        return graph.smooth(users, startups, layers=2)

    generator = torch.Generator().manual_seed(1)
    inputs = [
        torch.randn(rows, 2, dtype=torch.float64, generator=generator, requires_grad=True) for rows in LIKES.shape
    ]
    assert torch.autograd.gradcheck(smooth, inputs)
