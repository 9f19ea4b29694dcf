"""Evaluation of the direction startup -> people: the same engines, the same scores, ranked down the other axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from recommendation_service.engines.auc import auc
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.evaluation_answers import Answers, batches, join
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import judge
from recommendation_service.engines.evaluation_report import ALL, KNOWN_STARTUPS, NEW_STARTUPS, SegmentReport
from recommendation_service.engines.evaluation_segments import SegmentValues, segment_report
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.metrics import metric_names
from recommendation_service.engines.recommender import Recommender, top_k
from recommendation_service.engines.reverse_task import PEOPLE_RULE, ReverseTask, reverse_task
from recommendation_service.engines.types import BoolArray, FloatArray

_CELLS = 16_000_000
"""Scores of one engine in memory at once: 64 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseReport:
    """What was asked the other way round, and what was found.

    Attributes:
        primary: The engine that the others are compared with.
        window_start: First judged moment, ISO 8601.
        window_end: End of the judged time, or None for the end of the data.
        startups: To which somebody proved relevant; the means are taken over them.
        people: Who could be ranked.
        people_rule: The rule behind that.
        relevant_pairs: Pairs that proved relevant.
        confidence: Of the intervals.
        left_out: Pairs and startups that do not count, by reason.
        segments: `all` first, then startups with and without a past; `users` counts startups, `catalogue_size` people.
    """

    primary: str
    window_start: str
    window_end: str | None
    startups: int
    people: int
    people_rule: str
    relevant_pairs: int
    confidence: float
    left_out: Mapping[str, int]
    segments: tuple[SegmentReport, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return asdict(self)


def evaluate_reverse(
    engines: Mapping[str, Recommender], forward: EvaluationTask, *, primary: str, config: EvaluationConfig
) -> ReverseReport:
    """Judge engines on whom they name for each startup on which somebody acted in the window.

    Args:
        engines: Engines by the name the report gives them, each fitted on rows before the window only.
        forward: The question of the other direction: same window, same catalogue.
        primary: The engine that the others are compared with.
        config: How to judge.

    Raises:
        DatasetError: If nobody with a past proved relevant to any startup.
        ConfigError: If `primary` is none of the engines.
    """
    if primary not in engines:
        raise ConfigError(f"the primary engine {primary!r} is not among those evaluated: {', '.join(engines)}")
    task = reverse_task(forward)
    found = answer_reverse(engines, task, config)
    values = {name: np.column_stack([judge(a.ranking, task, config), a.auc]) for name, a in found.items()}
    metrics = (*metric_names(config.ks), "auc")
    segments = []
    for name, startups in _segments(task).items():
        chosen = {engine: every[startups] for engine, every in values.items()}
        segment = SegmentValues(name=name, catalogue_size=task.width, values=chosen)
        segments.append(segment_report(segment, metrics, primary, config))
    window = forward.window
    return ReverseReport(
        primary=primary,
        window_start=window.start.isoformat(),
        window_end=window.end.isoformat() if window.end else None,
        startups=len(task.startups),
        people=task.width,
        people_rule=PEOPLE_RULE,
        relevant_pairs=int(task.relevant.counts.sum()),
        confidence=config.confidence,
        left_out=task.left_out,
        segments=tuple(segments),
    )


def answer_reverse(
    engines: Mapping[str, Recommender], task: ReverseTask, config: EvaluationConfig
) -> dict[str, Answers]:
    """Rank the people for every startup, for as many startups at once as fit into memory."""
    run = max(1, _CELLS // task.width)
    parts: dict[str, list[Answers]] = {name: [] for name in engines}
    for startups in batches(len(task.startups), run):
        for name, scores in _score_people(engines, task, startups, config).items():
            parts[name] += [
                _rank_people(scores[rows], task, slice(startups.start + rows.start, startups.start + rows.stop), config)
                for rows in batches(len(scores), config.batch_size)
            ]
    return {name: join(found) for name, found in parts.items()}


def _score_people(
    engines: Mapping[str, Recommender], task: ReverseTask, startups: slice, config: EvaluationConfig
) -> dict[str, FloatArray]:
    """Engine name -> float32 [S, P], for a run of S startups and everybody."""
    catalogue = task.catalogue(startups)
    scorers = {name: engine.bind(catalogue) for name, engine in engines.items()}
    scores = {name: np.empty((len(catalogue), task.width), dtype=np.float32) for name in engines}
    for people in batches(task.width, config.batch_size):
        states = task.states(people)
        for name, scorer in scorers.items():
            scores[name][:, people] = scorer.score(states).T
    return scores


def _rank_people(scores: FloatArray, task: ReverseTask, startups: slice, config: EvaluationConfig) -> Answers:
    allowed = ~task.known.mask(startups, task.width)
    relevant = task.relevant.mask(startups, task.width)
    return Answers(ranking=top_k(scores, config.ks[-1], allowed), auc=auc(scores, allowed, relevant))


def _segments(task: ReverseTask) -> dict[str, BoolArray]:
    has_past = task.acts_before > 0
    segments = {ALL: np.ones_like(has_past), KNOWN_STARTUPS: has_past, NEW_STARTUPS: ~has_past}
    return {name: startups for name, startups in segments.items() if startups.any()}
