"""Training losses: pure functions of a score matrix, and the registry that a configuration picks from by name.

Shapes: B people and N startups of a batch, P labelled pairs among them. Scores are cosines in [-1, 1].

A label above 0 is a positive and weighs as much as its label. Label 0 is an act too (a dislike), a true negative that
weighs as much as its row. Every other startup of the batch is unlabelled: what positives compete with, and what a
disliked startup must stay behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor

from recommendation_service.engines.config_json import unknown_name
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.score_transforms import (
    SMALLEST,
    negative_shares,
    segment_logsumexp,
    top_k_threshold,
    weighted_mean,
    with_log_q,
    with_temperature,
    without,
)
from recommendation_service.engines.training_config import LossConfig


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredBatch:
    """Everything a loss may look at.

    Attributes:
        scores: float32 [B, N], every person against every startup of the batch; for a loss that looks at labelled
            pairs alone also [P], theirs.
        row: int64 [P], person of each pair, into B.
        column: int64 [P], startup of each pair, into N.
        label: float32 [P] in [0, 1].
        weight: float32 [P].
        known: bool [B, N], startups that are no negatives of the person: known positives, or not there at the time.
        log_q: float32 [N], log of the probability that this startup is in the batch; 0 where all always are.
        scale: The learned factor before the sigmoid, a scalar above 0.
        bias: The learned summand before the sigmoid, a scalar.
    """

    scores: Tensor
    row: Tensor
    column: Tensor
    label: Tensor
    weight: Tensor
    known: Tensor
    log_q: Tensor
    scale: Tensor
    bias: Tensor

    @property
    def own(self) -> Tensor:
        """Scores [P] of the labelled pairs."""
        return self.scores if self.scores.ndim == 1 else self.scores[self.row, self.column]

    @property
    def is_positive(self) -> Tensor:
        """bool [P]."""
        return self.label > 0

    @property
    def importance(self) -> Tensor:
        """How much each pair [P] weighs in a ranking loss: a positive its label, a true negative its weight."""
        return torch.where(self.is_positive, self.label, self.weight)

    @property
    def not_unlabelled(self) -> Tensor:
        """bool [B, N]: startups that are masked for the person, or labelled by them in this batch."""
        excluded = self.known.clone()
        excluded[self.row, self.column] = True
        return excluded


def weighted_bce(batch: ScoredBatch, config: LossConfig) -> Tensor:  # noqa: ARG001 - one signature for all losses
    """Weighted mean of the binary cross-entropy between sigmoid(scale * score + bias) and a label in [0, 1].

    It looks at labelled pairs alone. Without a scale a cosine cannot push it below log(1 + 1/e) = 0.313; learning scale
    and bias removes that floor (SigLIP: Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training").
    """
    logits = batch.scale * batch.own + batch.bias
    total = F.binary_cross_entropy_with_logits(logits, batch.label, weight=batch.weight, reduction="sum")
    return total / batch.weight.sum().clamp(min=SMALLEST)


def in_batch_softmax(batch: ScoredBatch, config: LossConfig) -> Tensor:
    """Softmax of each positive against the unlabelled startups, all corrected by log q, the positive's own included.

    Source: Yi et al. 2019, "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations".
    """
    logits = _logits(batch, config, config.temperature)
    own = logits[batch.row, batch.column]
    return weighted_mean(_contest(batch, own, logits), batch.importance)


def softmax(batch: ScoredBatch, config: LossConfig) -> Tensor:
    """Softmax of each positive against the unlabelled startups, only these corrected by log q.

    A pair's own startup is in its batch for certain (its log q is 0), so this estimates the softmax over the catalogue
    that in-batch, uniform, popular and hard negatives were drawn from; with all of it in the batch it is that softmax.

    Source: Khrylchenko et al. 2025, "Correcting the LogQ Correction: Revisiting Sampled Softmax for Large-Scale
    Retrieval"; true negatives: Wang et al. 2023, "Learning from Negative User Feedback and Measuring Responsiveness for
    Sequential Recommenders" (-log(1 - p) of what was disliked).
    """
    own = _own_logits(batch, config.temperature)
    return weighted_mean(_contest(batch, own, _logits(batch, config, config.temperature)), batch.importance)


def softmax_at_k(batch: ScoredBatch, config: LossConfig) -> Tensor:
    """SL@K: the softmax with each pair weighted by sigmoid((score - threshold) / weight temperature).

    The threshold is the score of place K of the person's ranking: what is far from the top K counts less. The weight is
    held constant in the gradient, which through it would lower the scores of positives to make them count less.

    Source: Yang et al. 2025, "Breaking the Top-K Barrier: Advancing Top-K Ranking Metrics Optimization in Recommender
    Systems".
    """
    own = _own_logits(batch, config.temperature)
    losses = _contest(batch, own, _logits(batch, config, config.temperature))
    scores = batch.scores.detach()
    threshold = top_k_threshold(scores, config.top_k, batch.log_q if config.log_q else None)
    near_top = torch.sigmoid((scores[batch.row, batch.column] - threshold[batch.row]) / config.weight_temperature)
    return weighted_mean(losses * near_top, batch.importance)


def bilateral_softmax(batch: ScoredBatch, config: LossConfig) -> Tensor:
    """BSL: log-mean-exp over a person's positives against log-sum-exp over the other startups, each with a temperature.

    With t1 for positives and t2 for negatives, a person costs w * t2/t1 * LSE(s_n / t2) - LME(s_p / t1): the paper's
    loss divided by t1. A positive that scores far below the person's others is taken for noise and pulls less. The
    paper has w = 1; its published runs had t1 = t2 and w = 1.1. Positives do not compete with themselves, so this goes
    below 0.

    Source: Wu et al. 2024, "BSL: Understanding and Improving Softmax Loss for Recommendation".
    """
    rows, t1, t2 = len(batch.scores), config.positive_temperature, config.temperature
    logits = _logits(batch, config, t2)
    unlabelled = torch.logsumexp(without(logits, batch.not_unlabelled), dim=1)
    own = _own_logits(batch, t2)
    rivals = _with_dislikes(batch, own, unlabelled)
    mass = batch.label.new_zeros(rows).index_add(0, batch.row, batch.label)
    positives = segment_logsumexp(_own_logits(batch, t1) + torch.log(batch.label), batch.row, rows) - torch.log(mass)
    is_contest = (mass > 0) & torch.isfinite(rivals)
    both = torch.where(is_contest, rivals, 0.0) * (config.negative_weight * t2 / t1)
    people = torch.where(is_contest, both - torch.where(is_contest, positives, 0.0), 0.0)
    dislikes = torch.where(batch.is_positive, 0.0, _softplus_over(own, unlabelled[batch.row]))
    values = torch.cat([people, dislikes])
    return weighted_mean(values, torch.cat([mass, torch.where(batch.is_positive, 0.0, batch.weight)]))


def cosine_contrastive(batch: ScoredBatch, config: LossConfig) -> Tensor:
    """CCL: 1 - score of a positive, plus the weighted mean of max(0, score - margin) over the unlabelled startups.

    A disliked startup costs max(0, score - margin) on its own.

    Source: Mao et al. 2021, "SimpleX: A Simple and Strong Baseline for Collaborative Filtering".
    """
    shares = negative_shares(batch.not_unlabelled, batch.log_q if config.log_q else None)
    negatives = (F.relu(batch.scores - config.margin) * shares).sum(dim=1)
    own = batch.own
    positive = 1.0 - own + config.negative_weight * negatives[batch.row]
    return weighted_mean(torch.where(batch.is_positive, positive, F.relu(own - config.margin)), batch.importance)


def bpr(batch: ScoredBatch, config: LossConfig) -> Tensor:
    """Mean of -log sigmoid((score of the better - score of the worse) / temperature) over pairs of startups.

    A positive is better than every unlabelled startup, and every unlabelled startup better than a disliked one.

    Source: Rendle et al. 2009, "BPR: Bayesian Personalized Ranking from Implicit Feedback"; levels: Loni et al. 2016,
    "Bayesian Personalized Ranking with Multi-Channel User Feedback".
    """
    shares = negative_shares(batch.not_unlabelled, batch.log_q if config.log_q else None)
    lead = batch.own[:, None] - batch.scores[batch.row]
    better = torch.where(batch.is_positive[:, None], lead, -lead)
    losses = F.softplus(-with_temperature(better, config.temperature))
    return weighted_mean((losses * shares[batch.row]).sum(dim=1), batch.importance)


def _logits(batch: ScoredBatch, config: LossConfig, temperature: float) -> Tensor:
    logits = with_temperature(batch.scores, temperature)
    return with_log_q(logits, batch.log_q) if config.log_q else logits


def _own_logits(batch: ScoredBatch, temperature: float) -> Tensor:
    return with_temperature(batch.own, temperature)


def _contest(batch: ScoredBatch, own: Tensor, logits: Tensor) -> Tensor:
    """-log softmax [P] of each positive among itself and its person's negatives; of a dislike, -log(1 - softmax).

    The sum over the unlabelled is made once for each person, not for each pair.
    """
    unlabelled = torch.logsumexp(without(logits, batch.not_unlabelled), dim=1)
    rivals = _with_dislikes(batch, own, unlabelled)
    return torch.where(
        batch.is_positive,
        _softplus_over(rivals[batch.row], own),
        _softplus_over(own, unlabelled[batch.row]),
    )


def _with_dislikes(batch: ScoredBatch, own: Tensor, unlabelled: Tensor) -> Tensor:
    """Log-sum-exp [B] of the unlabelled startups and those that the person disliked."""
    disliked = segment_logsumexp(own.masked_fill(batch.is_positive, float("-inf")), batch.row, len(unlabelled))
    return torch.logsumexp(torch.stack([unlabelled, disliked]), dim=0)


def _softplus_over(higher: Tensor, lower: Tensor) -> Tensor:
    """log(1 + exp(higher - lower)), 0 where one of them is -inf: there was nothing to compare with."""
    is_contest = torch.isfinite(higher) & torch.isfinite(lower)
    gap = torch.where(is_contest, higher, 0.0) - torch.where(is_contest, lower, 0.0)
    return torch.where(is_contest, F.softplus(gap), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PluggableLoss:
    """A loss as the trainer sees it.

    Attributes:
        compute: From a scored batch to a scalar to minimise.
        uses_negatives: Whether it learns from labelled pairs alone, sampled negatives among them; otherwise the batch's
            other startups are the negatives, and only dislikes are rows of label 0.
    """

    compute: Callable[[ScoredBatch, LossConfig], Tensor]
    uses_negatives: bool = False


LOSSES: Mapping[str, PluggableLoss] = MappingProxyType(
    {
        "weighted_bce": PluggableLoss(compute=weighted_bce, uses_negatives=True),
        "in_batch_softmax": PluggableLoss(compute=in_batch_softmax),
        "softmax": PluggableLoss(compute=softmax),
        "softmax_at_k": PluggableLoss(compute=softmax_at_k),
        "bilateral_softmax": PluggableLoss(compute=bilateral_softmax),
        "cosine_contrastive": PluggableLoss(compute=cosine_contrastive),
        "bpr": PluggableLoss(compute=bpr),
    }
)
"""Every loss by its name in configurations."""


def find_loss(name: str) -> PluggableLoss:
    """The loss of that name.

    Raises:
        ConfigError: If there is none.
    """
    if name not in LOSSES:
        raise ConfigError(unknown_name("loss", name, name, LOSSES))
    return LOSSES[name]
