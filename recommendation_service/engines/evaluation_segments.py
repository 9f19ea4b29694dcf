"""The people of an evaluation in groups, and the figures of each group with paired intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommendation_service.engines.bootstrap import Interval, intervals, resampled_means
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_report import ALL, NO_HISTORY, SegmentReport
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.metrics import Values
from recommendation_service.engines.types import BoolArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentValues:
    """The values of some of the people.

    Attributes:
        name: Of the segment, see `SegmentReport`.
        catalogue_size: Startups that were ranked.
        values: Engine name -> float64 [U, M], the same people in the same order for every engine.
    """

    name: str
    catalogue_size: int
    values: Mapping[str, Values]


def segments_of(task: EvaluationTask, config: EvaluationConfig) -> dict[str, BoolArray]:
    """Segment name -> bool [U]; `all` first, empty segments left out, `no_history` apart from all others.

    Roles make segments only where there are several.
    """
    roles = np.array([task.data.users[row].role for row in task.users])
    segments = {ALL: task.has_history}
    if len(set(roles)) > 1:
        segments |= {f"role={role or 'unknown'}": task.has_history & (roles == role) for role in sorted(set(roles))}
    segments |= activity_segments(task, config)
    segments[NO_HISTORY] = ~task.has_history
    return {name: people for name, people in segments.items() if people.any()}


def activity_segments(task: EvaluationTask, config: EvaluationConfig) -> dict[str, BoolArray]:
    """`activity=cold`, `activity=warm` and `activity=hot` -> bool [U], of people with history; empty ones left out."""
    acts = task.acts_before
    segments = {
        "activity=cold": task.has_history & (acts < config.warm_from),
        "activity=warm": (acts >= config.warm_from) & (acts <= config.hot_above),
        "activity=hot": acts > config.hot_above,
    }
    return {name: people for name, people in segments.items() if people.any()}


def segment_report(
    segment: SegmentValues, metrics: Sequence[str], primary: str, config: EvaluationConfig
) -> SegmentReport:
    """Means with intervals of every engine, and of the primary engine minus every other.

    Args:
        segment: The values.
        metrics: The M names of the columns.
        primary: The engine that the others are compared with; no differences where it has no figures.
        config: Bootstrap settings.
    """
    values = segment.values
    differences = {other: values[primary] - values[other] for other in values if primary in values and other != primary}
    return SegmentReport(
        name=segment.name,
        users=len(next(iter(values.values()), ())),
        catalogue_size=segment.catalogue_size,
        engines=_figures(values, metrics, config),
        differences=_figures(differences, metrics, config),
    )


def _figures(
    values: Mapping[str, Values], metrics: Sequence[str], config: EvaluationConfig
) -> dict[str, dict[str, Interval]]:
    """All columns are resampled together, from a fresh seed: the same draws of people for everything."""
    if not values:
        return {}
    columns = np.concatenate(list(values.values()), axis=1)
    rng = np.random.default_rng(config.seed)
    means = resampled_means(columns, resamples=config.resamples, rng=rng)
    found = iter(intervals(columns, means, confidence=config.confidence))
    return {engine: {metric: next(found) for metric in metrics} for engine in values}
