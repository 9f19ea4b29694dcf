from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console
from rich.table import Table

from contracts.api import Rung, Segment
from recommendation_service.adapters.evaluation_terminal import (
    comparison_table,
    evaluation_remarks,
    evaluation_tables,
    reverse_remarks,
    reverse_tables,
    routing_table,
)
from recommendation_service.engines.baselines import fit_baselines, reverse_engines
from recommendation_service.engines.bootstrap import Interval
from recommendation_service.engines.calibration import Reliability
from recommendation_service.engines.comparison import compare
from recommendation_service.engines.evaluation import Evaluation, evaluate
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_report import EvaluationReport
from recommendation_service.engines.reverse_evaluation import ReverseReport, evaluate_reverse
from recommendation_service.engines.routing_table import RoutingTable, SegmentRoute
from recommendation_service.engines.splitting import split_by_ratio
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.types import TrainingData

WIDTH = 136
CONFIG = EvaluationConfig(resamples=50)


@pytest.fixture(scope="module")
def evaluation(platform: TrainingData) -> Evaluation:
    split = split_by_ratio(platform.interactions)
    engines = fit_baselines(data_before(platform, split.train_until))
    return evaluate(engines, platform, split.test_window, primary="popularity", config=CONFIG)


@pytest.fixture(scope="module")
def report(evaluation: Evaluation) -> EvaluationReport:
    return evaluation.report


@pytest.fixture(scope="module")
def reverse(platform: TrainingData, evaluation: Evaluation) -> ReverseReport:
    engines = reverse_engines(evaluation.engines, platform)
    return evaluate_reverse(engines, evaluation.task, primary="item_knn", config=CONFIG)


def rendered(*tables: Table, width: int = WIDTH) -> str:
    output = io.StringIO()
    for table in tables:
        Console(file=output, width=width).print(table)
    return output.getvalue()


def test_every_segment_and_engine_is_shown_with_its_figures(report: EvaluationReport) -> None:
    text = rendered(*evaluation_tables(report))
    for segment in report.segments:
        assert f"{segment.name} ({segment.users})" in text
    means = report.means("popularity")
    for metric in ("ndcg@10", "precision@10", "recall@10", "f1@10", "hit_rate@10", "map@10", "mrr@10", "auc"):
        assert f"{means[metric]:.4f}" in text
    assert f"{report.coverage['trending']['coverage@10']:.4f}" in text
    assert f"{report.exposure['trending']['gini@10']:.4f}" in text
    assert f"{means['novelty@10']:.2f} bits" in text


def test_no_table_is_wider_than_a_terminal(evaluation: Evaluation, reverse: ReverseReport) -> None:
    """Nothing is cut or wrapped: with more room the tables are the same."""
    comparison = comparison_table(compare(evaluation, "item_knn", "popularity", resamples=50))
    for table in (*evaluation_tables(evaluation.report), *reverse_tables(reverse), comparison, routing_table(ROUTES)):
        assert rendered(table).split() == rendered(table, width=300).split()
        assert "…" not in rendered(table)
        assert len(rendered(table).splitlines()) == len(rendered(table, width=300).splitlines())


def test_differences_have_a_sign_and_a_verdict(report: EvaluationReport) -> None:
    segment = report.segment()
    assert segment is not None
    value = segment.differences["trending"]["ndcg@10"]
    assert f"{value.mean:+.4f}{' *' if value.excludes_zero else ''}" in rendered(*evaluation_tables(report))


def test_calibration_is_shown_where_there_is_any(report: EvaluationReport) -> None:
    found = Reliability(pairs=321, probability=0.5, label=0.4, ece=0.1234, brier=0.2345, bins=())
    text = rendered(evaluation_tables(replace(report, calibration={"popularity": found}))[1])
    assert "0.1234" in text
    assert "0.2345" in text
    assert "321" in text


def test_the_remarks_say_what_was_judged_and_what_was_left_out(report: EvaluationReport) -> None:
    judged, left_out = evaluation_remarks(report)
    assert f"{report.relevant_pairs} relevant pairs of {report.users} people" in judged
    assert f"{report.catalogue_size} startups" in judged
    for reason, count in report.left_out.items():
        assert (f"{reason.replace('_', ' ')} {count}" in left_out) == bool(count)


def test_the_other_direction_has_its_own_tables(reverse: ReverseReport) -> None:
    text = rendered(*reverse_tables(reverse))
    assert "startup -> people" in text
    assert f"all ({reverse.startups})" in text
    judged, left_out = reverse_remarks(reverse)
    assert f"{reverse.people} people (had acted on some startup before the window)" in judged
    assert left_out.startswith("Left out: ")


def test_a_comparison_says_what_it_shows(evaluation: Evaluation) -> None:
    found = compare(evaluation, "item_knn", "popularity", resamples=200)
    text = rendered(comparison_table(found))
    for segment in found.segments:
        assert f"{segment.name} ({segment.users})" in text
        assert all(metric.outcome.value in text for metric in segment.metrics.values())


ROUTES = RoutingTable(
    metric="ndcg@10",
    window_start=datetime(2025, 3, 1, tzinfo=UTC).isoformat(),
    window_end=datetime(2025, 4, 1, tzinfo=UTC).isoformat(),
    confidence=0.95,
    warm_from=5,
    hot_above=20,
    segments={
        segment: SegmentRoute(
            engine=Rung.ENSEMBLE,
            default=Rung.TWO_TOWER,
            people=12,
            engines={
                "two_tower": Interval(mean=0.1, low=0.05, high=0.2),
                "ensemble": Interval(mean=0.3, low=0.2, high=0.4),
            },
            against_default={"ensemble": Interval(mean=0.2, low=0.1, high=0.3)},
        )
        for segment in Segment
    },
    data={},
)


def test_routes_are_shown_with_their_evidence() -> None:
    text = rendered(routing_table(ROUTES))
    assert "2025-03-01 .. 2025-04-01" in text
    for word in ("cold (12)", "warm (12)", "hot (12)", "ensemble", "+0.2000 *", "0.1000 .. 0.3000"):
        assert word in text
