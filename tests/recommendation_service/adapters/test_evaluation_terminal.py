from __future__ import annotations

import io

import pytest
from rich.console import Console

from recommendation_service.adapters.evaluation_terminal import evaluation_remarks, evaluation_tables
from recommendation_service.engines.evaluation import evaluate
from recommendation_service.engines.evaluation_report import EvaluationReport
from recommendation_service.engines.newest import NewestRecommender
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.splitting import split_by_ratio
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.types import TrainingData


@pytest.fixture(scope="module")
def report(platform: TrainingData) -> EvaluationReport:
    split = split_by_ratio(platform.interactions)
    known = data_before(platform, split.train_until)
    engines = {"popularity": PopularityRecommender().fit(known), "newest": NewestRecommender().fit(known)}
    return evaluate(engines, platform, split.test_window, primary="popularity").report


def rendered(report: EvaluationReport) -> str:
    output = io.StringIO()
    for table in evaluation_tables(report):
        Console(file=output, width=160).print(table)
    return output.getvalue()


def test_every_segment_and_engine_is_shown_with_its_figures(report: EvaluationReport) -> None:
    text = rendered(report)
    for segment in report.segments:
        assert f"{segment.name} ({segment.users})" in text
    means = report.means("popularity")
    for metric in ("ndcg@10", "precision@10", "recall@10", "f1@10", "hit_rate@10", "map@10", "recall@50"):
        assert f"{means[metric]:.4f}" in text
    assert f"{report.coverage['newest']['coverage@10']:.4f}" in text


def test_differences_have_a_sign_and_a_verdict(report: EvaluationReport) -> None:
    segment = report.segment()
    assert segment is not None
    value = segment.differences["newest"]["ndcg@10"]
    assert f"{value.mean:+.4f}{' *' if value.excludes_zero else ''}" in rendered(report)


def test_the_remarks_say_what_was_judged_and_what_was_left_out(report: EvaluationReport) -> None:
    judged, left_out = evaluation_remarks(report)
    assert f"{report.relevant_pairs} relevant pairs of {report.users} people" in judged
    assert f"{report.catalogue_size} startups" in judged
    for reason, count in report.left_out.items():
        assert (f"{reason.replace('_', ' ')} {count}" in left_out) == bool(count)
