"""Shared out or not, a step is the one of torch's own AdamW on gradients that were divided before."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from recommendation_service.engines.fused_adamw import FusedAdamW
from recommendation_service.engines.shared_work import sharing

SHAPES = ((300, 100), (300,), (90, 300), (90,), ())
"""Enough numbers for several threads."""


@pytest.fixture(params=[1, 2, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    with sharing():
        yield request.param
    torch.set_num_threads(before)


def parameters(seed: int = 0) -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(seed)
    return [nn.Parameter(torch.randn(shape, generator=generator)) for shape in SHAPES]


def groups(of: list[nn.Parameter]) -> list[dict[str, Any]]:
    return [
        {"params": [one for one in of if one.ndim == 2], "weight_decay": 0.1},
        {"params": [one for one in of if one.ndim < 2], "weight_decay": 0.0},
    ]


def give_gradients(to: list[nn.Parameter], step: int, divisor: float = 1.0) -> None:
    for one, gradient in zip(to, parameters(seed=step + 1), strict=True):
        one.grad = gradient.detach() / divisor


def update(optimizer: FusedAdamW, *, divisor: float = 1.0, left_out: bool = False) -> None:
    optimizer.update(divisor=torch.tensor(divisor), left_out=torch.tensor(float(left_out)))


def same(found: list[nn.Parameter], expected: list[nn.Parameter]) -> None:
    torch.testing.assert_close([one.detach() for one in found], [one.detach() for one in expected])


def test_steps_are_those_of_torch_with_divided_gradients(threads: int) -> None:
    assert threads
    ours, torchs = parameters(), parameters()
    optimizer, reference = FusedAdamW(groups(ours), lr=0.01), torch.optim.AdamW(groups(torchs), lr=0.01)
    for step, divisor in enumerate((1.0, 3.0, 1.5)):
        give_gradients(ours, step)
        give_gradients(torchs, step, divisor)
        update(optimizer, divisor=divisor)
        reference.step()
    same(ours, torchs)


def test_a_step_that_is_left_out_leaves_everything_as_it_was(threads: int) -> None:
    assert threads
    ours, torchs = parameters(), parameters()
    optimizer, reference = FusedAdamW(groups(ours), lr=0.01), torch.optim.AdamW(groups(torchs), lr=0.01)
    for step, left_out in enumerate((False, True, False)):
        give_gradients(ours, step)
        if left_out:
            ours[0].grad = torch.full(SHAPES[0], float("nan"))
        else:
            give_gradients(torchs, step)
            reference.step()
        update(optimizer, left_out=left_out)
    same(ours, torchs)


def test_what_has_no_gradient_stays_and_counts_no_step(threads: int) -> None:
    assert threads
    ours, torchs = parameters(), parameters()
    optimizer, reference = FusedAdamW(groups(ours), lr=0.01), torch.optim.AdamW(groups(torchs), lr=0.01)
    for step, without in enumerate((0, 3, 1)):
        for of in (ours, torchs):
            give_gradients(of, step)
            of[without].grad = None
        update(optimizer)
        reference.step()
    same(ours, torchs)


def test_torchs_own_optimiser_could_go_on_from_the_state_and_back(threads: int) -> None:
    assert threads
    ours, torchs = parameters(), parameters()
    optimizer, reference = FusedAdamW(groups(ours), lr=0.01), torch.optim.AdamW(groups(torchs), lr=0.01)
    give_gradients(ours, 0)
    give_gradients(torchs, 0)
    update(optimizer)
    reference.step()
    state: dict[str, Any] = deepcopy(reference.state_dict())
    reference.load_state_dict(deepcopy(optimizer.state_dict()))
    optimizer.load_state_dict(state)
    give_gradients(ours, 1)
    give_gradients(torchs, 1)
    update(optimizer)
    reference.step()
    same(ours, torchs)
    assert all(isinstance(value, Tensor) for of in optimizer.state.values() for value in of.values())
