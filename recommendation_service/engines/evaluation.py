"""Full-catalogue evaluation: every engine ranks all that was open, without what the person had already acted on.

No sampled metrics (Krichene & Rendle 2020). People without history are judged apart; startups with and without a past
are also judged among themselves, so that serving the new ones cannot hide a loss on the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.evaluation_answers import Answers, Contestant, answer_all, bind_all
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import (
    CatalogueFacts,
    exposure_figures,
    judge,
    judge_all,
    value_names,
)
from recommendation_service.engines.evaluation_report import (
    ALL,
    KNOWN_STARTUPS,
    NEW_STARTUPS,
    NO_HISTORY,
    EvaluationReport,
)
from recommendation_service.engines.evaluation_segments import (
    SegmentValues,
    activity_segments,
    segment_report,
    segments_of,
)
from recommendation_service.engines.evaluation_task import (
    EvaluationTask,
    build_task,
    known_startup_task,
    new_startup_task,
)
from recommendation_service.engines.metrics import Values, catalogue_coverage, metric_names
from recommendation_service.engines.probabilities import window_reliability
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.timeline import TimeWindow
from recommendation_service.engines.types import Ranking, TrainingData


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """A report with the very rankings it was computed from.

    Attributes:
        report: The figures.
        task: The question; rows of `rankings` and `values` are its users, columns of `rankings` its catalogue.
        rankings: Engine name -> the first max(ks) places of everybody; -1 where an engine does not serve a person.
        values: Engine name -> float64 [U, M], columns as in `value_names(config.ks)`.
        segments: The values behind each segment of the report.
        engines: What was judged, by name.
        config: How it was judged.
    """

    report: EvaluationReport
    task: EvaluationTask
    rankings: Mapping[str, Ranking]
    values: Mapping[str, Values]
    segments: Sequence[SegmentValues]
    engines: Mapping[str, Recommender]
    config: EvaluationConfig


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
    facts = CatalogueFacts.of(task)
    contestants = bind_all(engines, task)
    answers = answer_all(contestants, task, config)
    values = judge_all(answers, task, facts, config)
    segments = (
        *_people_segments(engines, values, task, config),
        *_startup_segments(NEW_STARTUPS, engines, new_startup_task(task), config),
        *_startup_segments(KNOWN_STARTUPS, engines, known_startup_task(task), config),
    )
    report = _report(primary, task, facts, contestants, answers, segments, config)
    rankings = {name: found.ranking for name, found in answers.items()}
    return Evaluation(
        report=report,
        task=task,
        rankings=rankings,
        values=values,
        segments=segments,
        engines=engines,
        config=config,
    )


def _report(
    primary: str,
    task: EvaluationTask,
    facts: CatalogueFacts,
    contestants: Mapping[str, Contestant],
    answers: Mapping[str, Answers],
    segments: Sequence[SegmentValues],
    config: EvaluationConfig,
) -> EvaluationReport:
    """The figures as plain data."""
    window = task.window
    return EvaluationReport(
        primary=primary,
        window_start=window.start.isoformat(),
        window_end=window.end.isoformat() if window.end else None,
        catalogue_policy=task.policy.name,
        catalogue_rule=task.policy.rule,
        catalogue_size=task.width,
        users=int(task.has_history.sum()),
        relevant_pairs=int(task.relevant.counts[task.has_history].sum()),
        label_above=config.label_above,
        ks=config.ks,
        confidence=config.confidence,
        resamples=config.resamples,
        left_out=task.left_out,
        coverage={name: _coverage(found, task, config) for name, found in answers.items()},
        exposure={name: exposure_figures(found.ranking, task, facts, config) for name, found in answers.items()},
        new_share_of_catalogue=float((facts.actors == 0).mean()),
        calibration=window_reliability(_scorers(contestants), task, config),
        segments=tuple(segment_report(segment, value_names(config.ks), primary, config) for segment in segments),
        data=task.data.provenance,
    )


def mean_metrics(engine: Recommender, task: EvaluationTask, config: EvaluationConfig) -> dict[str, float]:
    """Metric name -> mean over the people with history: what training watches, without intervals."""
    values = judge(rank_all(engine, task, config), task, config)[task.has_history]
    means = values.mean(axis=0) if len(values) else np.zeros(values.shape[1])
    return dict(zip(metric_names(config.ks), means.tolist(), strict=True))


def rank_all(engine: Recommender, task: EvaluationTask, config: EvaluationConfig) -> Ranking:
    """The first max(ks) places for every user of the task; see `answer_all`."""
    return answer_all(bind_all({engine.name: engine}, task), task, config)[engine.name].ranking


def _people_segments(
    engines: Mapping[str, Recommender], values: Mapping[str, Values], task: EvaluationTask, config: EvaluationConfig
) -> Iterator[SegmentValues]:
    """The people in groups; those without history are judged only for engines that serve them."""
    for name, people in segments_of(task, config).items():
        serving = {
            engine: found[people]
            for engine, found in values.items()
            if name != NO_HISTORY or engines[engine].serves_cold_users
        }
        yield SegmentValues(name=name, catalogue_size=task.width, values=serving)


def _startup_segments(
    group: str, engines: Mapping[str, Recommender], task: EvaluationTask | None, config: EvaluationConfig
) -> Iterator[SegmentValues]:
    """A group of startups ranked among themselves: for everybody, then by activity."""
    if task is None:
        return
    values = judge_all(answer_all(bind_all(engines, task), task, config), task, CatalogueFacts.of(task), config)
    for name, people in ({ALL: task.has_history} | activity_segments(task, config)).items():
        chosen = {engine: found[people] for engine, found in values.items()}
        label = group if name == ALL else f"{group}, {name.removeprefix('activity=')}"
        yield SegmentValues(name=label, catalogue_size=task.width, values=chosen)


def _scorers(contestants: Mapping[str, Contestant]) -> dict[str, Scorer]:
    return {name: contestant.scorer for name, contestant in contestants.items()}


def _coverage(answers: Answers, task: EvaluationTask, config: EvaluationConfig) -> dict[str, float]:
    columns = answers.ranking.columns[task.has_history]
    return {f"coverage@{k}": catalogue_coverage(columns, task.width, k) for k in config.ks}
