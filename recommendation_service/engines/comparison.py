"""Which of two models is better, where, and how sure that is: paired bootstrap with a correction for many questions.

NDCG at the smallest cut-off decides; the other metrics describe. p is two-sided, from the bootstrap of the users'
differences (Efron & Tibshirani 1993, ch. 16). Holm (1979) corrects it over the segments: on one metric, the chance of
even one false verdict stays below 1 - confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

import numpy as np

from recommendation_service.engines.bootstrap import Interval, intervals, resampled_means
from recommendation_service.engines.evaluation import Evaluation
from recommendation_service.engines.evaluation_judging import value_names
from recommendation_service.engines.metrics import Values

RESAMPLES = 10_000
"""So many that a corrected p can fall far below 0.05 for dozens of segments."""


class Outcome(StrEnum):
    """What a comparison shows about the first model."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no difference shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricComparison:
    """One metric of one segment.

    Attributes:
        first: Mean of the first model.
        second: Mean of the second model.
        difference: First minus second with its interval, paired by user, not corrected.
        p: Probability of a difference this large by chance, not corrected.
        p_corrected: The same after Holm's correction over the segments.
        outcome: By the corrected probability.
    """

    first: float
    second: float
    difference: Interval
    p: float
    p_corrected: float
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentComparison:
    """All compared metrics of one segment."""

    name: str
    users: int
    metrics: Mapping[str, MetricComparison]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models on the same question.

    Attributes:
        first: Name of the first model, about which the outcomes speak.
        second: Name of the second.
        confidence: Of intervals and verdicts.
        resamples: Bootstrap draws.
        decided_by: The metric that decides.
        segments: `all` first; on each metric the correction is over all of them.
    """

    first: str
    second: str
    confidence: float
    resamples: int
    decided_by: str
    segments: tuple[SegmentComparison, ...]

    def verdict(self) -> str:
        """The outcome over the first segment, which is all people with history if there are any, as a sentence."""
        segment = self.segments[0]
        found = segment.metrics[self.decided_by]
        words = {
            Outcome.BETTER: f"{self.first} is better than {self.second}",
            Outcome.WORSE: f"{self.first} is worse than {self.second}",
            Outcome.NO_DIFFERENCE: f"no difference between {self.first} and {self.second} is shown",
        }
        return (
            f"{words[found.outcome]} at {self.confidence:.0%} confidence: {self.decided_by} "
            f"{found.difference.mean:+.4f} ({found.difference.low:+.4f} .. {found.difference.high:+.4f}), "
            f"p = {found.p_corrected:.4f} after Holm's correction over {len(self.segments)} segments, "
            f"{segment.users} people ({segment.name})."
        )

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return asdict(self)


def compare(evaluation: Evaluation, first: str, second: str, *, resamples: int = RESAMPLES) -> Comparison:
    """Compare two engines of an evaluation, segment by segment.

    Args:
        evaluation: In which both were judged on the same question.
        first: Name of one.
        second: Name of the other.
        resamples: Bootstrap draws.
    """
    config = evaluation.config
    metrics = _metrics(config.ks)
    columns = [value_names(config.ks).index(metric) for metric in metrics]
    rng = np.random.default_rng(config.seed)
    segments = []
    for segment in evaluation.segments:
        if first in segment.values and second in segment.values:
            pair = segment.values[first][:, columns], segment.values[second][:, columns]
            found = _compare(*pair, confidence=config.confidence, resamples=resamples, rng=rng)
            compared = dict(zip(metrics, found, strict=True))
            segments.append(SegmentComparison(name=segment.name, users=len(pair[0]), metrics=compared))
    return Comparison(
        first=first,
        second=second,
        confidence=config.confidence,
        resamples=resamples,
        decided_by=metrics[0],
        segments=_decided(segments, metrics, confidence=config.confidence),
    )


def holm(p: Sequence[float]) -> list[float]:
    """Holm's step-down correction: each p times the number of hypotheses not yet rejected, never decreasing."""
    order = np.argsort(p, kind="stable")
    steps = np.asarray(p)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in corrected]


def _metrics(ks: Sequence[int]) -> tuple[str, ...]:
    """What is compared: NDCG first, each at the smallest cut-off, and AUC; novelty and the like have no better side."""
    return (*(f"{name}@{ks[0]}" for name in ("ndcg", "recall", "map", "mrr")), "auc")


def _compare(
    first: Values, second: Values, *, confidence: float, resamples: int, rng: np.random.Generator
) -> list[MetricComparison]:
    differences = first - second
    means = resampled_means(differences, resamples=resamples, rng=rng)
    found = intervals(differences, means, confidence=confidence)
    tails = np.minimum((means <= 0).sum(axis=0), (means >= 0).sum(axis=0))
    p = np.minimum(2 * (tails + 1) / (resamples + 1), 1.0)
    return [
        MetricComparison(
            first=float(first[:, column].mean()),
            second=float(second[:, column].mean()),
            difference=interval,
            p=float(p[column]),
            p_corrected=1.0,
            outcome=Outcome.NO_DIFFERENCE,
        )
        for column, interval in enumerate(found)
    ]


def _decided(
    segments: Sequence[SegmentComparison], metrics: Sequence[str], *, confidence: float
) -> tuple[SegmentComparison, ...]:
    """The same segments with corrected probabilities and what they show."""
    corrected = {metric: holm([segment.metrics[metric].p for segment in segments]) for metric in metrics}
    return tuple(
        replace(
            segment,
            metrics={
                metric: _outcome(found, corrected[metric][row], confidence) for metric, found in segment.metrics.items()
            },
        )
        for row, segment in enumerate(segments)
    )


def _outcome(found: MetricComparison, p_corrected: float, confidence: float) -> MetricComparison:
    outcome = Outcome.NO_DIFFERENCE
    if p_corrected < 1 - confidence:
        outcome = Outcome.BETTER if found.difference.mean > 0 else Outcome.WORSE
    return replace(found, p_corrected=p_corrected, outcome=outcome)
