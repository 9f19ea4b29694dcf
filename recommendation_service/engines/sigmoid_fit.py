"""Scores as probabilities: the logistic curve that fits labels best, for towers whose loss compares scores only."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from recommendation_service.engines.types import FloatArray

_SMALLEST_SCALE = 1e-3
_STEPS = 50


def fit_sigmoid(scores: FloatArray, labels: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Scale (above 0) and bias of sigmoid(scale * score + bias) with the least weighted cross-entropy.

    Source: Platt 1999, "Probabilistic Outputs for Support Vector Machines"; labels may lie between 0 and 1.

    Args:
        scores: float32 [P].
        labels: float32 [P] in [0, 1].
        weights: float32 [P], not all 0.
    """
    x, y, w = (torch.from_numpy(values).double() for values in (scores, labels, weights))
    centre, spread = x.mean(), x.std(unbiased=False).clamp(min=1e-9)
    standard, share = (x - centre) / spread, w / w.sum()
    line = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        logits = line[0] * standard + line[1]
        cost = F.binary_cross_entropy_with_logits(logits, y, weight=share, reduction="sum")
        # A thousandth keeps the curve finite where scores part likes from the rest without exception.
        cost = cost + 1e-3 * line[0].square()
        cost.backward()  # type: ignore[no-untyped-call]
        return cost

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    slope, level = line.detach()
    scale = max(float(slope / spread), _SMALLEST_SCALE)
    return scale, float(level) - scale * float(centre)
