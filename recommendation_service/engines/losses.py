"""Training losses: pure functions of a score matrix, and the registry that a configuration picks from by name.

Shapes: B distinct users and N distinct startups of a batch, P labelled pairs among them. Scores are cosines in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch.nn.functional as F
from torch import Tensor

from recommendation_service.engines.config_json import unknown_name
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.training_config import LossConfig


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredBatch:
    """Everything a loss may look at.

    Attributes:
        scores: float32 [B, N], every user against every startup of the batch.
        row: int64 [P], user of each pair, into B.
        column: int64 [P], startup of each pair, into N.
        label: float32 [P] in [0, 1].
        weight: float32 [P].
        known: bool [B, N], the pairs known to be positive in training.
        log_q: float32 [N], log of the probability that a training positive is this startup.
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


def weighted_bce(scores: Tensor, labels: Tensor, weights: Tensor, *, scale: Tensor, bias: Tensor) -> Tensor:
    """Weighted mean of the binary cross-entropy between sigmoid(scale * score + bias) and a label in [0, 1].

    Without a scale a cosine cannot push the loss below log(1 + 1/e) = 0.313; learning scale and bias removes that floor
    (SigLIP: Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training").

    Args:
        scores: float32 [P].
        labels: float32 [P].
        weights: float32 [P], not all 0.
        scale: Scalar.
        bias: Scalar.
    """
    total = F.binary_cross_entropy_with_logits(scale * scores + bias, labels, weight=weights, reduction="sum")
    return total / weights.sum()


def softmax_cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean of -log softmax at the target column.

    Args:
        logits: float32 [P, N]; -inf leaves a column out.
        targets: int64 [P].
        weights: float32 [P], not all 0.
    """
    return (F.cross_entropy(logits, targets, reduction="none") * weights).sum() / weights.sum()


def with_temperature(scores: Tensor, temperature: float) -> Tensor:
    """Scores [P, N] sharpened by a temperature below 1."""
    return scores / temperature


def with_log_q(logits: Tensor, log_q: Tensor) -> Tensor:
    """Logits [P, N] corrected for how often each startup [N] is drawn into a batch.

    Source: Yi et al. 2019, "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations".
    """
    return logits - log_q


def without_false_negatives(logits: Tensor, known: Tensor, targets: Tensor) -> Tensor:
    """Logits [P, N] with -inf at every known positive [P, N] of the pair's user except the pair's own target [P]."""
    others = known.scatter(1, targets[:, None], False)
    return logits.masked_fill(others, float("-inf"))


def in_batch_softmax(
    scores: Tensor,
    targets: Tensor,
    labels: Tensor,
    *,
    known: Tensor,
    log_q: Tensor | None,
    temperature: float,
) -> Tensor:
    """Softmax over the startups of the batch: each pair's own against all that its user is not known to like.

    Source: Yi et al. 2019 (as above); masking as in TensorFlow Recommenders' `tasks.Retrieval`.

    Args:
        scores: float32 [P, N], the pair's user against the startups of the batch.
        targets: int64 [P], the pair's startup.
        labels: float32 [P], used as weights, not all 0.
        known: bool [P, N], known positives of the pair's user.
        log_q: float32 [N], or None for no correction.
        temperature: Above 0.
    """
    logits = with_temperature(scores, temperature)
    if log_q is not None:
        logits = with_log_q(logits, log_q)
    return softmax_cross_entropy(without_false_negatives(logits, known, targets), targets, labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class PluggableLoss:
    """A loss as the trainer sees it.

    Attributes:
        compute: From a scored batch to a scalar to minimise.
        uses_negatives: Whether rows with label 0 take part; otherwise the batch's other startups are the negatives.
    """

    compute: Callable[[ScoredBatch, LossConfig], Tensor]
    uses_negatives: bool


def _weighted_bce(batch: ScoredBatch, config: LossConfig) -> Tensor:  # noqa: ARG001 - one signature for all losses
    scores = batch.scores[batch.row, batch.column]
    return weighted_bce(scores, batch.label, batch.weight, scale=batch.scale, bias=batch.bias)


def _in_batch_softmax(batch: ScoredBatch, config: LossConfig) -> Tensor:
    return in_batch_softmax(
        batch.scores[batch.row],
        batch.column,
        batch.label,
        known=batch.known[batch.row],
        log_q=batch.log_q if config.log_q else None,
        temperature=config.temperature,
    )


LOSSES: Mapping[str, PluggableLoss] = MappingProxyType(
    {
        "weighted_bce": PluggableLoss(compute=_weighted_bce, uses_negatives=True),
        "in_batch_softmax": PluggableLoss(compute=_in_batch_softmax, uses_negatives=False),
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
