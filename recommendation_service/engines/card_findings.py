"""What an evaluation says against a model, in sentences."""

from __future__ import annotations

from recommendation_service.engines.evaluation_report import EvaluationReport, SegmentReport
from recommendation_service.engines.quality_gate import FEWEST_PEOPLE

_METRIC = "ndcg@10"


def known_limits(report: EvaluationReport) -> list[str]:
    """For whom the primary engine loses to which baseline, and for whom too few people were asked to say.

    Empty when it is significantly better than every baseline in every segment.
    """
    sentences = []
    for segment in report.segments:
        if segment.users < FEWEST_PEOPLE:
            sentences.append(f"`{segment.name}`: only {segment.users} people were judged; its figures say little.")
        sentences += _losses(report.primary, segment)
    return sentences


def _losses(primary: str, segment: SegmentReport) -> list[str]:
    """One sentence for the engines that beat the primary one, one for those it is not shown to beat."""
    worse, unproven = [], []
    for engine, figures in segment.differences.items():
        difference = figures[_METRIC]
        if difference.high < 0:
            worse.append(f"{engine} ({difference.mean:+.4f}, {difference.low:+.4f} .. {difference.high:+.4f})")
        elif difference.low <= 0:
            unproven.append(engine)
    sentences = []
    if worse:
        sentences.append(f"`{segment.name}`: {primary} loses to {', '.join(worse)} in {_METRIC}, beyond chance.")
    if unproven:
        sentences.append(f"`{segment.name}`: {primary} is not shown to be better than {', '.join(unproven)}.")
    return sentences
