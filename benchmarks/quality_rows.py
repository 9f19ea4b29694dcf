"""Figures of a contest as rows: means over seeds and people, paired intervals, differences to the best peer.

A learned contestant is judged once per seed; each person's values are averaged over the seeds first, then people are
resampled. So an interval tells how sure a figure is for other people, with the luck of the seeds averaged out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from contest import Contest, Entry
from result import Row

from recommendation_service.engines.bootstrap import Interval, intervals, resampled_means
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_report import ALL, NEW_STARTUPS, NO_HISTORY
from recommendation_service.engines.evaluation_segments import segments_of
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.metrics import Values, metric_names

SEGMENTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    ALL: ("", ("ndcg@10", "precision@10", "recall@10", "recall@20", "recall@50", "mrr@10", "hit_rate@10")),
    "activity=cold": ("few_acts/", ("ndcg@10", "recall@50")),
    "activity=warm": ("warm/", ("ndcg@10", "recall@50")),
    "activity=hot": ("hot/", ("ndcg@10", "recall@50")),
    NO_HISTORY: ("no_history/", ("ndcg@10", "recall@50")),
    NEW_STARTUPS: ("new_startups/", ("ndcg@10", "recall@20")),
}
"""Segment of an evaluation -> its part of a row's name, and the metrics that are published for it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedSegment:
    """Some of the people, as every contestant that serves them did.

    Attributes:
        name: A key of SEGMENTS.
        values: Contestant -> metric -> float64 [U], the same people in the same order, averaged over seeds.
    """

    name: str
    values: Mapping[str, Mapping[str, Values]]


def contest_rows(contest: Contest, entries: Sequence[Entry]) -> list[Row]:
    """Every figure of every contestant, overall and by segment, and the product's against the best peer and limits."""
    return [
        row
        for segment in _judge_segments(contest, entries)
        for row in segment_rows(contest.name, segment, entries, contest.config)
    ]


def segment_rows(
    prefix: str, segment: JudgedSegment, entries: Sequence[Entry], config: EvaluationConfig
) -> Iterator[Row]:
    """The rows of one segment.

    Args:
        prefix: Name of the contest.
        segment: The people and their values.
        entries: The contestants; each of the product's is compared with the peer that is best here, by paired draws.
        config: Bootstrap settings.
    """
    part, metrics = SEGMENTS[segment.name]
    entries = [entry for entry in entries if entry.name in segment.values]
    peers = [entry.name for entry in entries if entry.kind == "peer"]
    limits = [entry.name for entry in entries if entry.kind == "limit"]
    for metric in metrics:
        values = {name: table[metric] for name, table in segment.values.items()}
        best = max(peers, key=lambda name: values[name].mean(), default=None)
        for entry in entries:
            name = f"{prefix}/{part}{entry.name}"
            against = best if entry.kind == "product" else None
            yield _mean_row(f"{name}/{metric}", values, entry, against, config)
            if against is not None:
                yield _difference_row(f"{name}_minus_best_peer/{metric}", values, entry, against, config)
                if segment.name == ALL and metric == metrics[0]:
                    for peer in peers:
                        yield _difference_row(f"{name}_minus_{peer}/{metric}", values, entry, peer, config)
            if entry.kind != "limit":
                for limit in limits:
                    yield _ratio_row(f"{name}/{metric}_over_{limit}", values, entry, limit, config)


def mean_over_seeds(values: Sequence[Values]) -> Values:
    """float64 [U, M] of one array per seed."""
    mean: Values = np.mean(values, axis=0)
    return mean


def _judge_segments(contest: Contest, entries: Sequence[Entry]) -> Iterator[JudgedSegment]:
    judged = _judge(contest.task, contest, entries)
    for name, people in segments_of(contest.task, contest.config).items():
        if name in SEGMENTS:
            serving = [entry for entry in entries if name != NO_HISTORY or entry.engines[0].serves_cold_users]
            yield _segment(name, {entry.name: judged[entry.name][people] for entry in serving}, contest.config)
    if contest.new_startup_task is not None:
        yield _segment(NEW_STARTUPS, _judge(contest.new_startup_task, contest, entries), contest.config)


def _judge(task: EvaluationTask, contest: Contest, entries: Sequence[Entry]) -> dict[str, Values]:
    judged = {entry.name: mean_over_seeds(entry.values(task, contest.config)) for entry in entries}
    contest.say(f"judged all {len(entries)} on {len(task.users)} people and {len(task.catalogue)} startups")
    return judged


def _segment(name: str, judged: Mapping[str, Values], config: EvaluationConfig) -> JudgedSegment:
    columns = {metric: column for column, metric in enumerate(metric_names(config.ks))}
    wanted = SEGMENTS[name][1]
    values = {
        contestant: {metric: table[:, columns[metric]] for metric in wanted} for contestant, table in judged.items()
    }
    return JudgedSegment(name=name, values=values)


def _mean_row(
    name: str, values: Mapping[str, Values], entry: Entry, against: str | None, config: EvaluationConfig
) -> Row:
    figure = _interval(values[entry.name], config)
    other = values[against].mean() if against is not None else 0.0
    seeds = len(entry.engines)
    return Row(
        name=name,
        value=round(figure.mean, 5),
        unit=f"mean of {len(values[entry.name])} people" + (f" and {seeds} seeds" if seeds > 1 else ""),
        interval=(round(figure.low, 5), round(figure.high, 5)),
        against=against,
        ratio=round(figure.mean / other, 4) if other > 0 else None,
    )


def _difference_row(
    name: str, values: Mapping[str, Values], entry: Entry, against: str, config: EvaluationConfig
) -> Row:
    figure = _interval(values[entry.name] - values[against], config)
    return Row(
        name=name,
        value=round(figure.mean, 5),
        unit="paired difference",
        interval=(round(figure.low, 5), round(figure.high, 5)),
        against=against,
    )


def _ratio_row(name: str, values: Mapping[str, Values], entry: Entry, limit: str, config: EvaluationConfig) -> Row:
    """Share of what is possible, both means taken over the same draws of people."""
    both = np.stack([values[entry.name], values[limit]], axis=1)
    means = _resampled(both, config)
    tail = (1 - config.confidence) / 2
    low, high = np.quantile(means[:, 0] / means[:, 1], [tail, 1 - tail])
    return Row(
        name=name,
        value=round(float(both[:, 0].mean() / both[:, 1].mean()), 4),
        unit=f"share of {limit}",
        interval=(round(float(low), 4), round(float(high), 4)),
        against=limit,
    )


def _interval(values: Values, config: EvaluationConfig) -> Interval:
    column = values[:, None]
    return intervals(column, _resampled(column, config), confidence=config.confidence)[0]


def _resampled(values: Values, config: EvaluationConfig) -> Values:
    """Always from a fresh seed, so that everything is resampled with the same people."""
    return resampled_means(values, resamples=config.resamples, rng=np.random.default_rng(config.seed))
