"""Full-catalogue evaluation: every engine ranks all that was open, without what the person had already acted on.

No sampled metrics (Krichene & Rendle 2020). People without history and startups without history are judged apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_report import NEW_STARTUPS, NO_HISTORY, EvaluationReport, SegmentReport
from recommendation_service.engines.evaluation_segments import segment_report, segments_of
from recommendation_service.engines.evaluation_task import EvaluationTask, build_task, new_startup_task
from recommendation_service.engines.metrics import (
    JudgedRankings,
    Values,
    catalogue_coverage,
    metric_names,
    per_user_values,
)
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.timeline import TimeWindow
from recommendation_service.engines.types import Ranking, TrainingData


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """A report with the very rankings it was computed from.

    Attributes:
        report: The figures.
        task: The question; rows of `rankings` are its users, columns its catalogue.
        rankings: Engine name -> the first max(ks) places of everybody; -1 where an engine does not serve a person.
    """

    report: EvaluationReport
    task: EvaluationTask
    rankings: Mapping[str, Ranking]


def evaluate(
    engines: Mapping[str, Recommender],
    data: TrainingData,
    window: TimeWindow,
    *,
    primary: str,
    config: EvaluationConfig | None = None,
) -> Evaluation:
    """Judge fitted engines on what happened in a window.

    Args:
        engines: Engines by the name the report gives them, each fitted on rows before the window only.
        data: Records, and rows from before and inside the window.
        window: The time that is judged.
        primary: The engine that the others are compared with.
        config: How to judge.

    Raises:
        DatasetError: If nothing relevant happened in the window.
        ConfigError: If `primary` is none of the engines.
    """
    config = config or EvaluationConfig()
    if primary not in engines:
        raise ConfigError(f"the primary engine {primary!r} is not among those evaluated: {', '.join(engines)}")
    task = build_task(data, window, label_above=config.label_above, policy=config.policy)
    rankings = {name: rank_all(engine, task, config) for name, engine in engines.items()}
    judged = {name: judge(ranking, task, config) for name, ranking in rankings.items()}
    segments = _people_segments(engines, judged, task, primary, config)
    newcomers = _new_startup_segment(engines, task, primary, config)
    report = EvaluationReport(
        primary=primary,
        window_start=window.start.isoformat(),
        window_end=window.end.isoformat() if window.end else None,
        catalogue_policy=task.policy.name,
        catalogue_rule=task.policy.rule,
        catalogue_size=len(task.catalogue),
        users=int(task.has_history.sum()),
        relevant_pairs=int(task.relevant.counts[task.has_history].sum()),
        label_above=config.label_above,
        ks=config.ks,
        confidence=config.confidence,
        resamples=config.resamples,
        left_out=task.left_out,
        coverage={name: _coverage(ranking, task, config) for name, ranking in rankings.items()},
        segments=(*segments, *newcomers),
        data=data.provenance,
    )
    return Evaluation(report=report, task=task, rankings=rankings)


def mean_metrics(engine: Recommender, task: EvaluationTask, config: EvaluationConfig) -> dict[str, float]:
    """Metric name -> mean over the people with history: what training watches, without intervals."""
    values = judge(rank_all(engine, task, config), task, config)[task.has_history]
    means = values.mean(axis=0) if len(values) else np.zeros(values.shape[1])
    return dict(zip(metric_names(config.ks), means.tolist(), strict=True))


def rank_all(engine: Recommender, task: EvaluationTask, config: EvaluationConfig) -> Ranking:
    """The first max(ks) places for every user of the task, batch by batch.

    People without history get an empty list (-1) from an engine that does not serve them.
    """
    scorer = engine.bind(task.catalogue)
    served = task.has_history | engine.serves_cold_users
    parts = []
    for batch in _batches(len(task.users), config.batch_size):
        allowed = ~task.known.mask(batch, len(task.catalogue)) & served[batch, None]
        parts.append(scorer.rank(task.states(batch), config.ks[-1], allowed))
    return Ranking(
        columns=np.concatenate([part.columns for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
    )


def judge(ranking: Ranking, task: EvaluationTask, config: EvaluationConfig) -> Values:
    """float64 [U, M]: every metric of every user, columns as in `metric_names(config.ks)`."""
    gains = np.zeros(ranking.columns.shape)
    for batch in _batches(len(task.users), config.batch_size):
        columns = ranking.columns[batch]
        labels = np.take_along_axis(task.relevant.dense(batch, len(task.catalogue)), np.maximum(columns, 0), axis=1)
        gains[batch] = np.where(columns >= 0, labels, 0.0)
    judged = JudgedRankings(
        gains=gains, relevant=task.relevant.counts, ideal=task.relevant.best_values(ranking.columns.shape[1])
    )
    return per_user_values(judged, config.ks)


def _people_segments(
    engines: Mapping[str, Recommender],
    judged: Mapping[str, Values],
    task: EvaluationTask,
    primary: str,
    config: EvaluationConfig,
) -> list[SegmentReport]:
    """One report per segment; people without history are reported only for engines that serve them."""
    reports = []
    for name, people in segments_of(task, config).items():
        serving = {
            engine: values[people]
            for engine, values in judged.items()
            if name != NO_HISTORY or engines[engine].serves_cold_users
        }
        reports.append(segment_report(name, serving, len(task.catalogue), primary, config))
    return reports


def _new_startup_segment(
    engines: Mapping[str, Recommender], task: EvaluationTask, primary: str, config: EvaluationConfig
) -> list[SegmentReport]:
    """The report over startups nobody had acted on before, ranked among themselves; none when there are none."""
    narrowed = new_startup_task(task)
    if narrowed is None:
        return []
    judged = {name: judge(rank_all(engine, narrowed, config), narrowed, config) for name, engine in engines.items()}
    return [segment_report(NEW_STARTUPS, judged, len(narrowed.catalogue), primary, config)]


def _coverage(ranking: Ranking, task: EvaluationTask, config: EvaluationConfig) -> dict[str, float]:
    columns = ranking.columns[task.has_history]
    return {f"coverage@{k}": catalogue_coverage(columns, len(task.catalogue), k) for k in config.ks}


def _batches(users: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, users)) for start in range(0, users, size))
