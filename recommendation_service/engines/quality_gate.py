"""Whether a trained model may serve: it must not lose to popularity on the validation window.

Significantly worse than popularity is a refusal; merely not shown to be better is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass

from recommendation_service.engines.evaluation_report import ALL, NO_HISTORY, EvaluationReport
from recommendation_service.engines.popularity import PopularityRecommender

FEWEST_PEOPLE = 30
"""Percentile intervals over fewer people are too narrow to condemn a model by (Efron & Tibshirani 1993, ch. 13)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows from the figures.

    Attributes:
        refused: Why the model must not serve; None when it may.
        warning: What to know before it does; None when nothing is to be said.
    """

    refused: str | None = None
    warning: str | None = None


def pass_verdict(report: EvaluationReport, *, metric: str) -> Verdict:
    """The verdict on the report's primary engine, by the paired interval of its difference to popularity.

    Args:
        report: Of the validation window, with popularity among the engines. It asks the people with history, or those
            without, where nobody has any.
        metric: By which to judge, e.g. `ndcg@10`.
    """
    segment = report.segment(ALL) or report.segment(NO_HISTORY)
    if segment is None:
        return Verdict(warning="nobody could be asked in the validation window, so popularity was not compared")
    difference = segment.differences[PopularityRecommender.name][metric]
    finding = (
        f"validation {metric} minus that of popularity is {difference.mean:+.4f} "
        f"({report.confidence:.0%} paired interval {difference.low:+.4f} .. {difference.high:+.4f}, "
        f"{segment.users} people)"
    )
    if difference.low > 0:
        return Verdict()
    if difference.high < 0 and segment.users >= FEWEST_PEOPLE:
        return Verdict(refused=f"worse than popularity: {finding}")
    return Verdict(warning=f"not shown to be better than popularity: {finding}")
