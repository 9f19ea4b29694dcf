"""The service's counts as shares."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.api import Rung, ServiceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFigures:
    """What the overview shows of a `ServiceStatus`.

    Attributes:
        rungs: Rung, answers on it, and their share, in the ladder's order.
        degraded_share: Of all answers.
        responses: Of all kinds.
        error_share: 5xx of all responses.
        refused_share: 4xx of all responses.
    """

    rungs: list[tuple[str, int, float]]
    degraded_share: float
    responses: int
    error_share: float
    refused_share: float


def status_figures(status: ServiceStatus) -> StatusFigures:
    """Shares of what there was; 0 of nothing is 0."""
    responses = sum(status.responses_by_status.values())
    order = [rung.value for rung in Rung]
    names = sorted(status.answers_by_rung, key=lambda rung: order.index(rung) if rung in order else len(order))
    return StatusFigures(
        rungs=[(name, count := status.answers_by_rung[name], share(count, status.answers)) for name in names],
        degraded_share=share(status.degraded_answers, status.answers),
        responses=responses,
        error_share=share(status.responses_by_status.get("5xx", 0), responses),
        refused_share=share(status.responses_by_status.get("4xx", 0), responses),
    )


def share(part: float, whole: float) -> float:
    """`part / whole`, 0 where there is nothing."""
    return part / whole if whole else 0.0
