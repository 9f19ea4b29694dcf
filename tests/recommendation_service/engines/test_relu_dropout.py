"""ReLU with dropout, as a layer and in place, against torch's own pieces and against its definition."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from recommendation_service.engines.relu_dropout import (
    ReluDropout,
    kept_share,
    relu_dropout_,
    relu_dropout_backward_,
)


def _output_and_gradient(rate: float, x: torch.Tensor, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    x = x.clone().requires_grad_()
    torch.manual_seed(seed)
    output = ReluDropout(rate).train()(x)
    output.backward(torch.arange(1.0, x.numel() + 1).view_as(x))
    assert x.grad is not None
    return output.detach(), x.grad


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.3, 0.5, 0.9])
def test_each_unit_is_dropped_or_scaled_and_the_mean_is_kept(rate: float) -> None:
    units = 200_000
    output, _ = _output_and_gradient(rate, torch.ones(units))
    dropped = (output == 0).double().mean().item()
    assert dropped == pytest.approx(rate, abs=5 * math.sqrt(rate * (1 - rate) / units) + 1e-5)
    torch.testing.assert_close(
        output[output != 0], torch.full_like(output[output != 0], 1 / (1 - rate)), rtol=1e-4, atol=0
    )


def test_the_gradient_is_that_of_relu_times_the_mask_that_was_drawn() -> None:
    x = torch.randn(37, 41, generator=torch.Generator().manual_seed(0))
    output, gradient = _output_and_gradient(0.3, x)
    mask = torch.where(output > 0, output / x, 0.0)
    expected_input = x.clone().requires_grad_()
    (F.relu(expected_input) * mask).backward(torch.arange(1.0, x.numel() + 1).view_as(x))
    torch.testing.assert_close(gradient, expected_input.grad)
    assert (output[x <= 0] == 0).all()


def test_without_training_or_rate_it_is_relu() -> None:
    x = torch.randn(5, 7)
    torch.testing.assert_close(ReluDropout(0.4).eval()(x), F.relu(x), rtol=0, atol=0)
    torch.testing.assert_close(ReluDropout(0.0).train()(x), F.relu(x), rtol=0, atol=0)


def test_the_same_seed_drops_the_same_units_and_neighbouring_units_are_independent() -> None:
    x = torch.ones(100_000)
    first, _ = _output_and_gradient(0.5, x, seed=3)
    again, _ = _output_and_gradient(0.5, x, seed=3)
    other, _ = _output_and_gradient(0.5, x, seed=4)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    kept = (first > 0).double()
    for lag in (1, 2, 3, 4):
        assert abs(torch.corrcoef(torch.stack([kept[:-lag], kept[lag:]]))[0, 1].item()) < 0.02


@pytest.mark.parametrize("shape", [(0, 4), (1, 1), (3, 5)])
def test_any_shape(shape: tuple[int, int]) -> None:
    assert ReluDropout(0.3).train()(torch.ones(shape)).shape == shape


def _in_place(rate: float, x: torch.Tensor, seed: int = 1) -> torch.Tensor:
    output = x.clone()
    relu_dropout_(output, rate, torch.Generator().manual_seed(seed), scratch=torch.empty_like(x))
    return output


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.3, 0.5, 0.9, 0.9999])
def test_in_place_each_unit_is_dropped_or_left_as_it_is(rate: float) -> None:
    units = 200_000
    output = _in_place(rate, torch.ones(units))
    kept = kept_share(rate)
    assert kept == pytest.approx(1 - rate, abs=1 / 256)
    assert (output != 0).double().mean().item() == pytest.approx(kept, abs=5 * math.sqrt(kept * (1 - kept) / units))
    assert set(output.unique().tolist()) <= {0.0, 1.0}


def test_in_place_the_gradient_passes_where_the_output_is_positive() -> None:
    x = torch.randn(37, 41, generator=torch.Generator().manual_seed(0))
    output = _in_place(0.3, x)
    assert (output[x <= 0] == 0).all()
    torch.testing.assert_close(output[output > 0], x[output > 0], rtol=0, atol=0)
    gradient = torch.ones_like(x)
    relu_dropout_backward_(gradient, output)
    assert torch.equal(gradient, (output > 0).float())


def test_in_place_the_generator_decides_and_neighbouring_units_are_independent() -> None:
    x = torch.ones(100_000)
    first, again, other = (_in_place(0.5, x, seed) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    for lag in range(1, 10):
        assert abs(torch.corrcoef(torch.stack([first[:-lag], first[lag:]]))[0, 1].item()) < 0.02


@pytest.mark.parametrize("shape", [(0, 4), (1, 1), (3, 5)])
def test_in_place_any_shape(shape: tuple[int, int]) -> None:
    assert _in_place(0.3, torch.ones(shape)).shape == shape
