"""Small transforms of a score matrix, out of which the losses are put together.

Shapes: B rows (people) and N columns (startups) of a batch, P labelled pairs among them.
"""

from __future__ import annotations

import torch
from torch import Tensor

SMALLEST = torch.finfo(torch.float32).tiny
"""What a sum of weights is at least when something is divided by it, so that no weight at all gives 0."""


def with_temperature(scores: Tensor, temperature: float) -> Tensor:
    """Scores [B, N] sharpened by a temperature below 1."""
    return scores / temperature


def with_log_q(logits: Tensor, log_q: Tensor) -> Tensor:
    """Logits [B, N] corrected for how likely each startup [N] is to be in the batch.

    A column that is there with probability q then stands for 1 / q columns of the catalogue, so that the sum of the
    exponentials estimates that of the whole catalogue without bias (Bengio & Senecal 2008; Yi et al. 2019).
    """
    return logits - log_q


def without(logits: Tensor, excluded: Tensor) -> Tensor:
    """Logits [B, N] with -inf where `excluded` (bool [B, N])."""
    return logits.masked_fill(excluded, float("-inf"))


def negative_shares(excluded: Tensor, log_q: Tensor | None) -> Tensor:
    """How much each column counts in the mean over a row's negatives, [B, N]; a row adds up to 1, or to 0 without any.

    Args:
        excluded: bool [B, N], columns that are no negatives of the row.
        log_q: [N]; columns that are likely to be drawn then count less, so that the mean estimates the one over the
            catalogue. None counts all alike.
    """
    kept = (~excluded).float()
    if log_q is not None:
        kept = kept * torch.exp(log_q.min() - log_q)
    return kept / kept.sum(dim=1, keepdim=True).clamp(min=SMALLEST)


def top_k_threshold(scores: Tensor, k: int, log_q: Tensor | None) -> Tensor:
    """The score [B] that a startup needs to be among the best `k` of a row, estimated from the columns of the batch.

    Args:
        scores: [B, N].
        k: Places, at least 1; with fewer columns the lowest of them is the threshold.
        log_q: [N]; each column then counts as the 1 / q columns that it stands for. None counts each once.
    """
    best, column = scores.topk(min(k, scores.shape[1]), dim=1)
    stands_for = torch.ones_like(best) if log_q is None else torch.exp(-log_q)[column]
    place = (stands_for.cumsum(dim=1) < k).sum(dim=1).clamp(max=best.shape[1] - 1)
    return best.gather(1, place[:, None])[:, 0]


def segment_logsumexp(values: Tensor, segment: Tensor, segments: int) -> Tensor:
    """log of the sum of exponentials of the values [P] of each segment, [segments]; -inf where a segment has none.

    Args:
        values: [P]; -inf counts as not there.
        segment: int64 [P].
        segments: How many there are.
    """
    largest = values.new_full((segments,), float("-inf")).scatter_reduce(0, segment, values.detach(), "amax")
    origin = torch.where(torch.isfinite(largest), largest, 0.0)
    total = values.new_zeros(segments).index_add(0, segment, torch.exp(values - origin[segment]))
    return torch.where(total > 0, torch.log(torch.where(total > 0, total, 1.0)) + origin, float("-inf"))


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Mean of values [P] with weights [P]; 0 when all weights are 0."""
    return (values * weights).sum() / weights.sum().clamp(min=SMALLEST)
