from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.losses import (
    LOSSES,
    ScoredBatch,
    find_loss,
    in_batch_softmax,
    weighted_bce,
    with_log_q,
    without_false_negatives,
)
from recommendation_service.engines.training_config import LossConfig, TrainingConfig

ONE, ZERO = torch.tensor(1.0), torch.tensor(0.0)


def brute_force_bce(scores: Tensor, labels: Tensor, weights: Tensor, scale: float, bias: float) -> float:
    total = 0.0
    for score, label, weight in zip(scores.tolist(), labels.tolist(), weights.tolist(), strict=True):
        probability = 1 / (1 + math.exp(-(scale * score + bias)))
        total -= weight * (label * math.log(probability) + (1 - label) * math.log(1 - probability))
    return total / float(weights.sum())


def brute_force_softmax(
    scores: Tensor, targets: Tensor, labels: Tensor, known: Tensor, log_q: Tensor | None, temperature: float
) -> float:
    total = 0.0
    for p in range(len(targets)):
        own = int(targets[p])
        logits = {
            n: float(scores[p, n]) / temperature - (0.0 if log_q is None else float(log_q[n]))
            for n in range(scores.shape[1])
            if n == own or not known[p, n]
        }
        denominator = sum(math.exp(logit) for logit in logits.values())
        total -= float(labels[p]) * math.log(math.exp(logits[own]) / denominator)
    return total / float(labels.sum())


@given(st.integers(0, 10_000), st.floats(0.5, 8), st.floats(-3, 3))
def test_bce_equals_brute_force(seed: int, scale: float, bias: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.rand(9, generator=generator) * 2 - 1
    labels, weights = torch.rand(9, generator=generator), torch.rand(9, generator=generator) + 0.1
    value = weighted_bce(scores, labels, weights, scale=torch.tensor(scale), bias=torch.tensor(bias))
    assert float(value) == pytest.approx(brute_force_bce(scores, labels, weights, scale, bias), rel=1e-4)


@given(st.integers(0, 10_000), st.booleans(), st.floats(0.05, 2))
def test_softmax_equals_brute_force(seed: int, corrected: bool, temperature: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.rand(5, 7, generator=generator) * 2 - 1
    targets = torch.randint(7, (5,), generator=generator)
    labels = torch.rand(5, generator=generator) + 0.1
    known = torch.rand(5, 7, generator=generator) < 0.3
    log_q = torch.log(torch.rand(7, generator=generator) + 0.01) if corrected else None
    value = in_batch_softmax(scores, targets, labels, known=known, log_q=log_q, temperature=temperature)
    expected = brute_force_softmax(scores, targets, labels, known, log_q, temperature)
    assert float(value) == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_bare_cosine_cannot_go_below_its_floor() -> None:
    """The best a cosine can do is 1 for a positive and -1 for a negative: log(1 + 1/e)."""
    value = weighted_bce(torch.tensor([1.0, -1.0]), torch.tensor([1.0, 0.0]), torch.ones(2), scale=ONE, bias=ZERO)
    assert float(value) == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)
    assert float(value) == pytest.approx(0.3133, abs=1e-4)


def test_a_scale_removes_the_floor() -> None:
    scores, labels = torch.tensor([1.0, -1.0]), torch.tensor([1.0, 0.0])
    assert float(weighted_bce(scores, labels, torch.ones(2), scale=torch.tensor(20.0), bias=ZERO)) < 1e-6


def test_weights_count_as_copies() -> None:
    scores, labels = torch.tensor([0.3, -0.2]), torch.tensor([1.0, 0.0])
    weighted = weighted_bce(scores, labels, torch.tensor([2.0, 1.0]), scale=ONE, bias=ZERO)
    copied = weighted_bce(scores[[0, 0, 1]], labels[[0, 0, 1]], torch.ones(3), scale=ONE, bias=ZERO)
    assert float(weighted) == pytest.approx(float(copied))


def test_mask_keeps_the_own_target_and_removes_other_positives() -> None:
    known = torch.tensor([[True, True, False]])
    masked = without_false_negatives(torch.zeros(1, 3), known, torch.tensor([1]))
    assert masked.tolist() == [[-math.inf, 0.0, 0.0]]
    assert known.tolist() == [[True, True, False]]


def test_log_q_makes_the_frequent_less_of_a_negative() -> None:
    """A startup drawn twice as often gets log 2 less, whatever the temperature."""
    corrected = with_log_q(torch.zeros(1, 2), torch.log(torch.tensor([0.5, 0.25])))
    assert float(corrected[0, 1] - corrected[0, 0]) == pytest.approx(math.log(2))


def test_only_the_target_left_is_no_loss_and_no_nan() -> None:
    scores = torch.zeros(1, 2, requires_grad=True)
    known = torch.tensor([[True, True]])
    value = in_batch_softmax(scores, torch.tensor([0]), torch.ones(1), known=known, log_q=None, temperature=0.1)
    value.backward()  # type: ignore[no-untyped-call]
    assert float(value.detach()) == 0.0
    assert scores.grad is not None
    assert torch.isfinite(scores.grad).all()


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_solves_a_toy_problem(name: str) -> None:
    """Six users who each like their own startup: free embeddings must reach almost no loss."""
    torch.manual_seed(0)
    users, startups = torch.nn.Parameter(torch.randn(6, 8)), torch.nn.Parameter(torch.randn(6, 8))
    log_scale, bias = torch.nn.Parameter(torch.tensor(1.0)), torch.nn.Parameter(torch.tensor(0.0))
    optimizer = torch.optim.Adam([users, startups, log_scale, bias], lr=0.1)
    row = torch.arange(6).repeat_interleave(6) if LOSSES[name].uses_negatives else torch.arange(6)
    column = torch.arange(6).repeat(6) if LOSSES[name].uses_negatives else torch.arange(6)
    label = (row == column).float()
    for _ in range(120):
        cosine = torch.nn.functional.normalize(users, dim=1) @ torch.nn.functional.normalize(startups, dim=1).T
        batch = ScoredBatch(
            scores=cosine,
            row=row,
            column=column,
            label=label,
            weight=torch.ones(len(row)),
            known=torch.eye(6, dtype=torch.bool),
            log_q=torch.full((6,), math.log(1 / 6)),
            scale=log_scale.exp(),
            bias=bias,
        )
        loss = LOSSES[name].compute(batch, LossConfig(name=name))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert float(loss.detach()) < 0.01


def test_an_unknown_loss_is_named() -> None:
    with pytest.raises(ConfigError, match="unknown loss 'weighted_bc'; did you mean 'weighted_bce'"):
        find_loss("weighted_bc")


def test_every_configured_default_is_a_loss() -> None:
    assert find_loss(TrainingConfig().loss.name) is LOSSES["weighted_bce"]
    assert replace(LossConfig(), name="in_batch_softmax").name in LOSSES
