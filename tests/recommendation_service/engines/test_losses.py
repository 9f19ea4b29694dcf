"""Every loss against loops over Python numbers, its gradient against finite differences, and its limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.losses import LOSSES, ScoredBatch, find_loss
from recommendation_service.engines.training_config import LossConfig, TrainingConfig

RANKING = sorted(set(LOSSES) - {"weighted_bce"})
SOFTMAXES = ["bilateral_softmax", "in_batch_softmax", "softmax", "softmax_at_k"]


def random_batch(seed: int, *, people: int = 4, startups: int = 9, pairs: int = 10) -> ScoredBatch:
    """Distinct pairs of graded labels, some disliked, some other startups masked; doubles, for finite differences."""
    generator = torch.Generator().manual_seed(seed)
    cells = torch.randperm(people * startups, generator=generator)[:pairs]
    label = torch.rand(pairs, generator=generator, dtype=torch.float64) * 0.8 + 0.2
    label[torch.rand(pairs, generator=generator) < 0.3] = 0.0
    label[0] = 0.6
    known = torch.rand((people, startups), generator=generator) < 0.2
    known[cells // startups, cells % startups] = label > 0
    return ScoredBatch(
        scores=torch.rand((people, startups), generator=generator, dtype=torch.float64) * 2 - 1,
        row=cells // startups,
        column=cells % startups,
        label=label,
        weight=torch.rand(pairs, generator=generator, dtype=torch.float64) + 0.1,
        known=known,
        log_q=torch.log(torch.rand(startups, generator=generator, dtype=torch.float64) * 0.9 + 0.1),
        scale=torch.tensor(5.0, dtype=torch.float64),
        bias=torch.tensor(-1.0, dtype=torch.float64),
    )


def one_person(scores: list[float], labels: dict[int, float], known: list[int] | None = None) -> ScoredBatch:
    """One row; every labelled column is a pair of weight 1, nothing is corrected."""
    masked = torch.zeros(1, len(scores), dtype=torch.bool)
    masked[0, [column for column, label in labels.items() if label > 0] + (known or [])] = True
    return ScoredBatch(
        scores=torch.tensor([scores]),
        row=torch.zeros(len(labels), dtype=torch.int64),
        column=torch.tensor(list(labels)),
        label=torch.tensor(list(labels.values())),
        weight=torch.ones(len(labels)),
        known=masked,
        log_q=torch.zeros(len(scores)),
        scale=torch.tensor(1.0),
        bias=torch.tensor(0.0),
    )


def value(name: str, batch: ScoredBatch, config: LossConfig | None = None) -> float:
    return float(LOSSES[name].compute(batch, config or LossConfig(name=name)).detach())


def gradient(name: str, batch: ScoredBatch, config: LossConfig) -> Tensor:
    scores = batch.scores.clone().requires_grad_()
    LOSSES[name].compute(replace(batch, scores=scores), config).backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    return scores.grad


class Loops:
    """The definitions, one number at a time."""

    def __init__(self, batch: ScoredBatch, config: LossConfig) -> None:
        self.config = config
        self.s = batch.scores.tolist()
        self.pairs = list(
            zip(
                *(part.tolist() for part in (batch.row, batch.column, batch.label, batch.weight)),
                strict=True,
            )
        )
        labelled = {(row, column) for row, column, _, _ in self.pairs}
        self.unlabelled = {
            row: [n for n in range(len(line)) if not batch.known[row, n] and (row, n) not in labelled]
            for row, line in enumerate(self.s)
        }
        self.disliked = {
            row: [n for r, n, label, _ in self.pairs if r == row and label == 0] for row in self.unlabelled
        }
        self.log_q = batch.log_q.tolist() if config.log_q else [0.0] * batch.scores.shape[1]
        self.scale, self.bias = float(batch.scale), float(batch.bias)

    def weighted_bce(self) -> float:
        total = 0.0
        for row, column, label, weight in self.pairs:
            probability = 1 / (1 + math.exp(-(self.scale * self.s[row][column] + self.bias)))
            total -= weight * (label * math.log(probability) + (1 - label) * math.log(1 - probability))
        return total / sum(weight for *_, weight in self.pairs)

    def in_batch_softmax(self) -> float:
        return self._mean([self._contest(*pair[:3], own_corrected=True) for pair in self.pairs])

    def softmax(self) -> float:
        return self._mean([self._contest(*pair[:3], own_corrected=False) for pair in self.pairs])

    def softmax_at_k(self) -> float:
        values = []
        for row, column, label, _ in self.pairs:
            weight = 1 / (1 + math.exp(-(self.s[row][column] - self._threshold(row)) / self.config.weight_temperature))
            values.append(weight * self._contest(row, column, label, own_corrected=False))
        return self._mean(values)

    def bilateral_softmax(self) -> float:
        t1, t2 = self.config.positive_temperature, self.config.temperature
        total = mass = 0.0
        for row, unlabelled in self.unlabelled.items():
            liked = [(column, label) for r, column, label, _ in self.pairs if r == row and label > 0]
            rivals = sum(math.exp(self.s[row][n] / t2 - self.log_q[n]) for n in unlabelled)
            rivals += sum(math.exp(self.s[row][n] / t2) for n in self.disliked[row])
            if liked and rivals:
                own = sum(label for _, label in liked)
                mean = sum(label * math.exp(self.s[row][column] / t1) for column, label in liked) / own
                total += own * (self.config.negative_weight * t2 / t1 * math.log(rivals) - math.log(mean))
            mass += sum(label for _, label in liked)
        for row, column, label, weight in self.pairs:
            if label == 0:
                total += weight * self._contest(row, column, 0.0, own_corrected=False)
                mass += weight
        return total / mass

    def cosine_contrastive(self) -> float:
        margin, values = self.config.margin, []
        for row, column, label, _ in self.pairs:
            own = self.s[row][column]
            negatives = sum(share * max(0.0, self.s[row][n] - margin) for n, share in self._shares(row))
            values.append(1 - own + self.config.negative_weight * negatives if label else max(0.0, own - margin))
        return self._mean(values)

    def bpr(self) -> float:
        values = []
        for row, column, label, _ in self.pairs:
            sign = 1 if label else -1
            leads = [(share, sign * (self.s[row][column] - self.s[row][n])) for n, share in self._shares(row)]
            values.append(sum(share * math.log(1 + math.exp(-lead / self.config.temperature)) for share, lead in leads))
        return self._mean(values)

    def _contest(self, row: int, column: int, label: float, *, own_corrected: bool) -> float:
        temperature = self.config.temperature

        def exp(n: int, *, corrected: bool) -> float:
            return math.exp(self.s[row][n] / temperature - (self.log_q[n] if corrected else 0.0))

        own = exp(column, corrected=own_corrected)
        others = sum(exp(n, corrected=True) for n in self.unlabelled[row])
        if not label:
            return -math.log(others / (others + own)) if others else 0.0
        others += sum(exp(n, corrected=own_corrected) for n in self.disliked[row])
        return -math.log(own / (own + others))

    def _threshold(self, row: int) -> float:
        places = 0.0
        for n in sorted(range(len(self.s[row])), key=lambda n: -self.s[row][n]):
            places += math.exp(-self.log_q[n])
            if places >= self.config.top_k:
                break
        return float(self.s[row][n])

    def _shares(self, row: int) -> list[tuple[int, float]]:
        weights = {n: math.exp(-self.log_q[n]) for n in self.unlabelled[row]}
        return [(n, weight / sum(weights.values())) for n, weight in weights.items()]

    def _mean(self, values: list[float]) -> float:
        weights = [label or weight for _, _, label, weight in self.pairs]
        return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)


@pytest.mark.parametrize("name", sorted(LOSSES))
@given(seed=st.integers(0, 10_000), corrected=st.booleans(), temperature=st.floats(0.1, 2), k=st.integers(1, 12))
def test_every_loss_equals_loops(name: str, seed: int, corrected: bool, temperature: float, k: int) -> None:
    config = LossConfig(
        name=name,
        temperature=temperature,
        log_q=corrected,
        positive_temperature=0.3,
        negative_weight=1.4,
        margin=0.1,
        top_k=k,
        weight_temperature=0.5,
    )
    batch = random_batch(seed)
    reference: Callable[[], float] = getattr(Loops(batch, config), name)
    assert value(name, batch, config) == pytest.approx(reference(), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"softmax_at_k"}))
def test_every_gradient_equals_finite_differences(name: str, corrected: bool) -> None:
    batch = random_batch(5)
    config = LossConfig(name=name, log_q=corrected, temperature=0.5, positive_temperature=0.4, margin=0.05)
    scores = batch.scores.clone().requires_grad_()
    assert torch.autograd.gradcheck(
        lambda scores: LOSSES[name].compute(replace(batch, scores=scores), config), (scores,), atol=1e-5, rtol=1e-4
    )


def test_the_weights_of_the_top_k_softmax_are_held_constant() -> None:
    """Its gradient is that of the softmax whose pairs weigh as much less as they are far from the top."""
    batch = random_batch(11)
    config = LossConfig(name="softmax_at_k", log_q=False, top_k=2, weight_temperature=0.2)
    threshold = batch.scores.topk(2, dim=1).values[:, 1]
    near = torch.sigmoid((batch.scores[batch.row, batch.column] - threshold[batch.row]) / 0.2)
    weighted = replace(batch, label=batch.label * near, weight=batch.weight * near)
    share = weighted.importance.sum() / batch.importance.sum()
    torch.testing.assert_close(gradient("softmax_at_k", batch, config), gradient("softmax", weighted, config) * share)


def test_with_all_startups_in_the_batch_the_softmax_is_the_full_one() -> None:
    """Several positives of one person, each against all that are not known to be liked, by torch's cross-entropy."""
    batch = one_person([0.1, 0.5, -0.3, 0.2, 0.9], {0: 1.0, 3: 0.4}, known=[4])
    logits = torch.tensor([[0.1, 0.5, -0.3], [0.2, 0.5, -0.3]]) / 0.1
    each = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 0]), reduction="none")
    expected = float((each * torch.tensor([1.0, 0.4])).sum() / 1.4)
    assert value("softmax", batch) == pytest.approx(expected, rel=1e-6)
    assert value("in_batch_softmax", batch) == pytest.approx(expected, rel=1e-6)


def full_and_sampled(name: str, *, inclusion: Tensor, draws: int, log_q: bool) -> tuple[float, float, Tensor, Tensor]:
    """Loss and gradient over a catalogue of 200 startups, and their means over samples of it.

    Each startup is in a sample with its own probability; the positives of 20 people are always there.
    """
    generator = torch.Generator().manual_seed(3)
    scores = torch.randn((20, 200), generator=generator, dtype=torch.float64) * 0.3
    target = torch.randperm(200, generator=generator)[:20]
    config = LossConfig(name=name, temperature=0.5, log_q=log_q)

    def batch(columns: Tensor, log_q: Tensor) -> ScoredBatch:
        known = torch.zeros((20, len(columns)), dtype=torch.bool)
        known[:, torch.isin(columns, target)] = True
        return ScoredBatch(
            scores=scores[:, columns],
            row=torch.arange(20),
            column=torch.searchsorted(columns, target),
            label=torch.ones(20),
            weight=torch.ones(20),
            known=known,
            log_q=log_q,
            scale=torch.tensor(1.0),
            bias=torch.tensor(0.0),
        )

    everything = batch(torch.arange(200), torch.zeros(200))
    total, slope = 0.0, torch.zeros_like(scores)
    for _ in range(draws):
        drawn = torch.rand(200, generator=generator) < inclusion
        drawn[target] = True
        columns = torch.nonzero(drawn)[:, 0]
        sample = batch(columns, torch.log(inclusion[columns]))
        total += value(name, sample, config) / draws
        slope[:, columns] += gradient(name, sample, config) / draws
    return value(name, everything, config), total, gradient(name, everything, config), slope


@pytest.mark.parametrize("name", ["softmax", "softmax_at_k", "bilateral_softmax"])
def test_sampled_startups_corrected_by_log_q_estimate_the_full_loss(name: str) -> None:
    """Popular startups are drawn up to nine times as often, yet loss and gradient are those of the whole catalogue."""
    inclusion = torch.linspace(0.1, 0.9, 200)
    full, sampled, full_slope, slope = full_and_sampled(name, inclusion=inclusion, draws=300, log_q=True)
    assert sampled == pytest.approx(full, rel=0.02)
    assert float((slope - full_slope).norm() / full_slope.norm()) < 0.05
    _, biased, _, biased_slope = full_and_sampled(name, inclusion=inclusion, draws=300, log_q=False)
    assert abs(biased - full) > 5 * abs(sampled - full)
    assert float((biased_slope - full_slope).norm()) > 2 * float((slope - full_slope).norm())


def test_the_estimate_converges_with_the_size_of_the_sample() -> None:
    gaps = []
    for share in (0.05, 0.3, 0.95):
        inclusion = torch.full((200,), share)
        full, sampled, full_slope, slope = full_and_sampled("softmax", inclusion=inclusion, draws=200, log_q=True)
        gaps.append(float((slope - full_slope).norm() / full_slope.norm()))
    assert gaps[0] > 2 * gaps[1] > 4 * gaps[2]
    assert sampled == pytest.approx(full, rel=1e-3)


def test_correcting_the_own_startup_too_pulls_rare_positives_less() -> None:
    """What the refined correction is for: a rare positive then takes up too much of its own denominator."""
    inclusion = torch.linspace(0.1, 0.9, 200)
    _, _, full_slope, certain = full_and_sampled("softmax", inclusion=inclusion, draws=300, log_q=True)
    _, _, _, published = full_and_sampled("in_batch_softmax", inclusion=inclusion, draws=300, log_q=True)
    assert float((certain - full_slope).norm()) < 0.5 * float((published - full_slope).norm())


def test_bilateral_softmax_of_single_positives_is_the_softmax_without_itself_below() -> None:
    """With one positive its temperature only scales the loss: t1 * loss does not depend on t1."""
    batch = one_person([0.7, 0.2, -0.1], {0: 1.0})
    rivals = math.log(math.exp(2.0) + math.exp(-1.0))
    for t1 in (0.1, 0.4):
        config = LossConfig(temperature=0.1, positive_temperature=t1)
        assert t1 * value("bilateral_softmax", batch, config) == pytest.approx(0.1 * rivals - 0.7, rel=1e-5)


def test_bilateral_softmax_pulls_less_at_a_positive_that_looks_like_noise() -> None:
    batch = one_person([0.8, -0.8, 0.0, 0.1], {0: 1.0, 1: 1.0})
    slope = gradient("bilateral_softmax", batch, LossConfig(positive_temperature=0.3))[0]
    assert float(slope[0]) < 0.98 * float(slope[:2].sum())
    even = gradient("softmax", batch, LossConfig())[0]
    assert float(even[1]) < float(even[0]) < 0


def test_bare_cosine_cannot_go_below_its_floor() -> None:
    """The best a cosine can do is 1 for a positive and -1 for a negative: log(1 + 1/e)."""
    batch = one_person([1.0, -1.0], {0: 1.0, 1: 0.0})
    assert value("weighted_bce", batch) == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)
    assert value("weighted_bce", batch) == pytest.approx(0.3133, abs=1e-4)
    assert value("weighted_bce", replace(batch, scale=torch.tensor(20.0))) < 1e-6


def test_weights_of_the_pointwise_loss_count_as_copies() -> None:
    batch = one_person([0.3, -0.2], {0: 1.0, 1: 0.0})
    twice = torch.tensor([0, 0, 1])
    copied = replace(
        batch, row=batch.row[twice], column=batch.column[twice], label=batch.label[twice], weight=torch.ones(3)
    )
    weighted = replace(batch, weight=torch.tensor([2.0, 1.0]))
    assert value("weighted_bce", weighted) == pytest.approx(value("weighted_bce", copied))


@pytest.mark.parametrize("name", RANKING)
def test_a_graded_label_pulls_as_much_as_it_says(name: str) -> None:
    """Two people in the same position, labels 1.0 and 0.4: gradients in that proportion."""
    batch = ScoredBatch(
        scores=torch.tensor([[0.1, 0.7, 0.6], [0.1, 0.7, 0.6]]),
        row=torch.tensor([0, 1]),
        column=torch.tensor([0, 0]),
        label=torch.tensor([1.0, 0.4]),
        weight=torch.ones(2),
        known=torch.tensor([[True, False, False], [True, False, False]]),
        log_q=torch.zeros(3),
        scale=torch.tensor(1.0),
        bias=torch.tensor(0.0),
    )
    slope = gradient(name, batch, LossConfig(name=name, temperature=0.5))
    torch.testing.assert_close(slope[1], 0.4 * slope[0])


@pytest.mark.parametrize("name", RANKING)
def test_a_dislike_is_a_true_negative(name: str) -> None:
    """It is pushed down although nothing is liked, and the more so next to an equal but unlabelled startup."""
    config = LossConfig(name=name, temperature=0.5)
    alone = gradient(name, one_person([0.8, 0.6, 0.5], {0: 0.0}), config)[0]
    assert float(alone[0]) > 0
    beside = gradient(name, one_person([0.2, 0.8, 0.8, 0.8], {0: 1.0, 1: 0.0}), config)[0]
    assert float(beside[1]) > float(beside[2])
    assert float(beside[0]) < 0


@pytest.mark.parametrize("name", RANKING)
def test_masked_startups_get_no_gradient(name: str) -> None:
    batch = one_person([0.2, 0.9, 0.8, 0.4], {0: 1.0}, known=[1, 2])
    slope = gradient(name, batch, LossConfig(name=name, margin=0.0))[0]
    assert slope[[1, 2]].tolist() == [0.0, 0.0]
    assert float(slope[3]) > 0
    moved = replace(batch, scores=torch.tensor([[0.2, -0.9, 0.0, 0.4]]))
    if name != "softmax_at_k":  # its threshold is a place in the whole ranking
        assert value(name, moved) == pytest.approx(value(name, batch))


@pytest.mark.parametrize("label", [1.0, 0.0], ids=["liked", "disliked"])
@pytest.mark.parametrize(
    "batch",
    [lambda label: one_person([0.3], {0: label}), lambda label: one_person([0.3, 0.5], {0: label}, known=[1])],
    ids=["one column", "all others masked"],
)
@pytest.mark.parametrize("name", RANKING)
def test_nothing_to_compare_with_is_no_nan(name: str, batch: Callable[[float], ScoredBatch], label: float) -> None:
    config = LossConfig(name=name)
    assert math.isfinite(value(name, batch(label), config))
    slope = gradient(name, batch(label), config)
    assert torch.isfinite(slope).all()
    if name != "cosine_contrastive":  # it pulls at a positive on its own
        assert value(name, batch(label), config) == 0.0
        assert not slope.any()


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_no_weight_at_all_is_no_loss_and_no_nan(name: str) -> None:
    batch = replace(one_person([0.3, 0.5, 0.1], {0: 0.0, 1: 0.0}), weight=torch.zeros(2))
    assert value(name, batch) == 0.0
    assert not gradient(name, batch, LossConfig(name=name)).any()


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e4])
def test_extreme_scores_stay_finite_and_exact_in_float32(name: str, size: float) -> None:
    exact = random_batch(2)
    exact = replace(exact, scores=exact.scores * size)
    parts = ("scores", "label", "weight", "log_q", "scale", "bias")
    rough = replace(exact, **{part: getattr(exact, part).float() for part in parts})
    assert value(name, rough) == pytest.approx(value(name, exact), rel=1e-4, abs=1e-5)
    assert torch.isfinite(gradient(name, rough, LossConfig(name=name))).all()


@pytest.mark.parametrize("name", SOFTMAXES)
def test_no_lead_is_lost_to_rounding(name: str) -> None:
    """A lead of 40 temperatures: the loss is exp(-40), far below float32's spacing at 1."""
    batch = one_person([1.0, -1.0], {0: 1.0})
    loss = value(name, batch, LossConfig(name=name, temperature=0.05, positive_temperature=0.05))
    expected = {"bilateral_softmax": -40.0, "softmax_at_k": math.exp(-40) / (1 + math.exp(-2))}
    assert loss == pytest.approx(expected.get(name, math.exp(-40)), rel=1e-4)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_solves_a_toy_problem(name: str) -> None:
    """Three pairs of people who like two startups and dislike one: almost no loss, and a perfect ranking."""
    torch.manual_seed(0)
    users, startups = torch.nn.Parameter(torch.randn(6, 8)), torch.nn.Parameter(torch.randn(6, 8))
    log_scale, bias = torch.nn.Parameter(torch.tensor(1.0)), torch.nn.Parameter(torch.tensor(0.0))
    optimizer = torch.optim.Adam([users, startups, log_scale, bias], lr=0.05)
    everyone = torch.arange(6)
    liked = everyone[:, None] // 2 == everyone // 2
    label = torch.where(liked, 1.0, 0.0)
    acts = liked.clone()
    acts[everyone, (everyone + 2) % 6] = True
    row, column = torch.nonzero(torch.ones(6, 6) if LOSSES[name].uses_negatives else acts, as_tuple=True)
    config = LossConfig(name=name, temperature=0.05, positive_temperature=0.5)
    for _ in range(400):
        cosine = torch.nn.functional.normalize(users, dim=1) @ torch.nn.functional.normalize(startups, dim=1).T
        batch = ScoredBatch(
            scores=cosine,
            row=row,
            column=column,
            label=label[row, column],
            weight=torch.ones(len(row)),
            known=liked,
            log_q=torch.zeros(6),
            scale=log_scale.exp(),
            bias=bias,
        )
        loss = LOSSES[name].compute(batch, config)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert float(loss.detach()) < 0.02
    lowest_liked = cosine.detach().masked_fill(~liked, math.inf).min(dim=1).values
    highest_other = cosine.detach().masked_fill(liked, -math.inf).max(dim=1).values
    assert bool((lowest_liked > highest_other).all())


def test_an_unknown_loss_is_named() -> None:
    with pytest.raises(ConfigError, match="unknown loss 'weighted_bc'; did you mean 'weighted_bce'"):
        find_loss("weighted_bc")


def test_the_configured_default_is_a_loss() -> None:
    assert find_loss(TrainingConfig().loss.name) is LOSSES["weighted_bce"]


@pytest.mark.parametrize(
    ("setting", "wrong", "message"),
    [
        ("positive_temperature", 0.0, "loss.positive_temperature must be above 0"),
        ("negative_weight", -1.0, "loss.negative_weight must be above 0"),
        ("weight_temperature", 0.0, "loss.weight_temperature must be above 0"),
        ("margin", 1.0, r"loss.margin is a cosine in \[-1, 1\), got 1.0"),
        ("top_k", 0, "loss.top_k must be at least 1, got 0"),
    ],
)
def test_constants_out_of_range_are_refused(setting: str, wrong: float, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(LossConfig(), **{setting: wrong})
