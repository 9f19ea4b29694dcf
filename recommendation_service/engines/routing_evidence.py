"""Routing by evidence: per segment the engine that ranks best, if it beats the default's engine beyond chance.

Segments are small, so what is shown over everybody counts in each segment whose own figures agree with it. The evidence
comes from a validation window which no engine has seen; the test window stays closed for it.
"""

from __future__ import annotations

import numpy as np

from contracts.api import Rung, Segment
from recommendation_service.engines.bootstrap import Interval, intervals, resampled_means
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.evaluation import Evaluation
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import value_names
from recommendation_service.engines.metrics import Values
from recommendation_service.engines.router import FIRST_RUNG, RoutingPolicy
from recommendation_service.engines.routing_table import RoutingTable, SegmentRoute
from recommendation_service.engines.types import BoolArray


def route_by_evidence(evaluation: Evaluation) -> RoutingTable:
    """The routing table that an evaluation supports.

    Only engines that stand on a rung of the service compete. Everybody counts, people without history as cold: an
    engine that has nothing to say to them ranks nothing right. NDCG@10 decides, or at the smallest cut-off without 10.

    Args:
        evaluation: On a window that none of its engines has seen, and that chooses nothing else.

    Raises:
        ConfigError: If the evaluation lacks an engine that is due by default.
    """
    config = evaluation.config
    metric = f"ndcg@{10 if 10 in config.ks else config.ks[0]}"
    column = value_names(config.ks).index(metric)
    values = {Rung(name): found[:, column] for name, found in evaluation.values.items() if name in set(Rung)}
    missing = sorted(set(FIRST_RUNG.values()) - set(values))
    if missing:
        raise ConfigError(f"routing by evidence needs figures of {', '.join(missing)}; evaluate it beside the others")
    thresholds = RoutingPolicy(warm_from=config.warm_from, hot_above=config.hot_above)
    segment_of = np.array([thresholds.segment(acts) for acts in evaluation.task.acts_before.tolist()])
    return RoutingTable(
        metric=metric,
        window_start=evaluation.report.window_start,
        window_end=evaluation.report.window_end,
        confidence=config.confidence,
        warm_from=config.warm_from,
        hot_above=config.hot_above,
        segments={segment: _route(values, segment_of == segment, segment, config) for segment in Segment},
        data=evaluation.report.data,
    )


def _route(values: dict[Rung, Values], people: BoolArray, segment: Segment, config: EvaluationConfig) -> SegmentRoute:
    """The best engine that beats the default's beyond chance, else the default."""
    default = FIRST_RUNG[segment]
    ahead = {rung: found - values[default] for rung, found in values.items() if rung is not default}
    means = _intervals({rung: found[people] for rung, found in values.items()}, config)
    here = _intervals({rung: found[people] for rung, found in ahead.items()}, config)
    everywhere = _intervals(ahead, config)
    better = [rung for rung in ahead if here[rung].low > 0 or (here[rung].mean > 0 and everywhere[rung].low > 0)]
    return SegmentRoute(
        engine=max(better, key=lambda rung: means[rung].mean, default=default),
        default=default,
        people=int(people.sum()),
        engines={rung.value: mean for rung, mean in means.items()},
        against_default={rung.value: difference for rung, difference in here.items()},
    )


def _intervals(values: dict[Rung, Values], config: EvaluationConfig) -> dict[Rung, Interval]:
    if not values:
        return {}
    table = np.column_stack(list(values.values()))
    means = resampled_means(table, resamples=config.resamples, rng=np.random.default_rng(config.seed))
    return dict(zip(values, intervals(table, means, confidence=config.confidence), strict=True))
