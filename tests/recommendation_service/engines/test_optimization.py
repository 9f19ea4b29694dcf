from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.optimization import GuardedOptimizer
from recommendation_service.engines.training_config import OptimizerConfig


def weights(network: nn.Linear) -> torch.Tensor:
    return network.weight.detach().clone()


@pytest.fixture
def network() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


@pytest.mark.parametrize(
    ("progress", "rate"), [(0.0, 1e-3), (0.5, 5e-4), (1.0, 0.0), (1 / 3, 7.5e-4)], ids=["start", "half", "end", "third"]
)
def test_cosine_annealing(network: nn.Linear, progress: float, rate: float) -> None:
    optimizer = GuardedOptimizer(network, OptimizerConfig(learning_rate=1e-3))
    optimizer.anneal(progress)
    assert optimizer.learning_rate == pytest.approx(rate, abs=1e-12)


def test_equals_adamw_when_nothing_is_clipped(network: nn.Linear) -> None:
    twin = nn.Linear(3, 2)
    twin.load_state_dict(network.state_dict())
    groups = [{"params": [twin.weight], "weight_decay": 0.01}, {"params": [twin.bias], "weight_decay": 0.0}]
    reference = torch.optim.AdamW(groups, lr=1e-3)
    optimizer = GuardedOptimizer(network, OptimizerConfig(clip_norm=1e9))
    for _ in range(5):
        inputs = torch.randn(4, 3)
        assert optimizer.step(network(inputs).square().mean())
        reference.zero_grad()
        twin(inputs).square().mean().backward()
        reference.step()
    torch.testing.assert_close(network.weight, twin.weight)
    torch.testing.assert_close(network.bias, twin.bias)


def test_a_large_gradient_is_clipped(network: nn.Linear) -> None:
    optimizer = GuardedOptimizer(network, OptimizerConfig(clip_norm=0.5))
    optimizer.step(network(torch.full((1, 3), 1e4)).sum())
    norm = torch.sqrt(sum((p.grad.square().sum() for p in network.parameters() if p.grad is not None), torch.zeros(())))
    assert float(norm) == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_step_that_is_not_finite_is_skipped_and_counted(network: nn.Linear, value: float) -> None:
    optimizer = GuardedOptimizer(network, OptimizerConfig())
    before = weights(network)
    assert not optimizer.step(network(torch.ones(1, 3)).sum() * value)
    assert optimizer.skipped_steps == 1
    assert torch.equal(weights(network), before)
    assert optimizer.step(network(torch.ones(1, 3)).sum())
    assert torch.isfinite(weights(network)).all()


def test_a_finite_loss_whose_gradient_is_not_is_skipped(network: nn.Linear) -> None:
    """The slope of a square root is infinite at 0, and infinity times 0 is no number."""
    optimizer = GuardedOptimizer(network, OptimizerConfig())
    before = weights(network)
    loss = (network(torch.ones(1, 3)).sum() * 0.0).sqrt()
    assert torch.isfinite(loss)
    assert not optimizer.step(loss)
    assert optimizer.skipped_steps == 1
    assert torch.equal(weights(network), before)


def test_a_loss_that_is_not_finite_is_skipped_though_its_gradient_is(network: nn.Linear) -> None:
    optimizer = GuardedOptimizer(network, OptimizerConfig())
    before = weights(network)
    assert not optimizer.step(network(torch.ones(1, 3)).sum() + float("inf"))
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters() if parameter.grad is not None)
    assert optimizer.skipped_steps == 1
    assert torch.equal(weights(network), before)


def test_too_many_skipped_steps_stop_training(network: nn.Linear) -> None:
    optimizer = GuardedOptimizer(network, OptimizerConfig(max_skipped_steps=2))
    for _ in range(2):
        optimizer.step(network(torch.ones(1, 3)).sum() * float("nan"))
    with pytest.raises(TrainingError, match=r"3 steps had a loss or gradient that is not finite \(2 are allowed\)"):
        optimizer.step(network(torch.ones(1, 3)).sum() * float("nan"))


def test_state_continues_where_it_was(network: nn.Linear) -> None:
    inputs = torch.randn(4, 3)
    optimizer = GuardedOptimizer(network, OptimizerConfig())
    optimizer.step(network(inputs).square().mean())
    twin = nn.Linear(3, 2)
    twin.load_state_dict(network.state_dict())
    continued = GuardedOptimizer(twin, OptimizerConfig())
    continued.load_state_dict(deepcopy(optimizer.state_dict()))
    optimizer.step(network(inputs).square().mean())
    continued.step(twin(inputs).square().mean())
    torch.testing.assert_close(twin.weight, network.weight, rtol=1e-6, atol=1e-7)


def test_what_is_not_learned_stays(network: nn.Linear) -> None:
    network.bias.requires_grad_(False)
    before = network.bias.detach().clone()
    GuardedOptimizer(network, OptimizerConfig()).step(network(torch.ones(1, 3)).sum())
    assert torch.equal(network.bias, before)
