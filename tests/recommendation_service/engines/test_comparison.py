from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Self

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendation_service.engines.comparison import Comparison, Outcome, compare, holm
from recommendation_service.engines.evaluation import evaluate
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.timeline import TimeWindow, to_microseconds
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState

CUT = datetime(2025, 4, 1, tzinfo=UTC)


class ScriptedRecommender(Recommender):
    """Gives the scores it was told, by user and startup id."""

    name: ClassVar[str] = "scripted"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, score_of: Callable[[str, str], float]) -> None:
        self.score_of = score_of

    def fit(self, data: TrainingData) -> Self:
        return self

    def bind(self, catalogue: Catalogue) -> Scorer:
        return ScriptedScorer(catalogue, self.score_of)


class ScriptedScorer(Scorer):
    def __init__(self, catalogue: Catalogue, score_of: Callable[[str, str], float]) -> None:
        super().__init__(catalogue)
        self.score_of = score_of

    def score(self, users: Sequence[UserState]) -> FloatArray:
        rows = [[self.score_of(user.record.id, one.id) for one in self.catalogue.startups] for user in users]
        return np.array(rows, dtype=np.float32)


@pytest.fixture(scope="module")
def engines(platform: TrainingData) -> dict[str, Recommender]:
    """One that knows most of the future, one that knows nothing, and the first once more."""
    rows = platform.interactions
    late = (rows.time >= to_microseconds(CUT)) & (rows.label > 0)
    liked = {(platform.users[u].id, platform.startups[s].id) for u, s in zip(rows.user[late], rows.startup[late])}  # noqa: B905
    noise = {startup.id: row for row, startup in enumerate(np.random.default_rng(0).permutation(platform.startups))}
    good = ScriptedRecommender(lambda user, startup: float((user, startup) in liked))
    blind = ScriptedRecommender(lambda user, startup: float(noise[startup]))
    return {"good": good, "blind": blind, "same": good}


def compared(platform: TrainingData, engines: dict[str, Recommender], first: str, second: str) -> Comparison:
    config = EvaluationConfig(resamples=50)
    evaluation = evaluate(engines, platform, TimeWindow(start=CUT), primary="good", config=config)
    return compare(evaluation, first, second, resamples=4000)


def test_what_is_plainly_better_is_called_better(platform: TrainingData, engines: dict[str, Recommender]) -> None:
    found = compared(platform, engines, "good", "blind")
    everybody = found.segments[0]
    assert {metric.outcome for metric in everybody.metrics.values()} == {Outcome.BETTER}
    assert found.verdict().startswith("good is better than blind at 95% confidence: ndcg@10 +")
    assert f"correction over {len(found.segments)} segments" in found.verdict()
    assert found.decided_by == "ndcg@10"


def test_the_other_way_round_it_is_worse(platform: TrainingData, engines: dict[str, Recommender]) -> None:
    there, back = compared(platform, engines, "good", "blind"), compared(platform, engines, "blind", "good")
    ours, theirs = there.segments[0].metrics["ndcg@10"], back.segments[0].metrics["ndcg@10"]
    assert theirs.outcome is Outcome.WORSE
    assert theirs.difference.mean == pytest.approx(-ours.difference.mean)
    assert "blind is worse than good" in back.verdict()


def test_between_equals_no_difference_is_shown(platform: TrainingData, engines: dict[str, Recommender]) -> None:
    found = compared(platform, engines, "good", "same")
    for segment in found.segments:
        for metric in segment.metrics.values():
            assert (metric.outcome, metric.p, metric.p_corrected) == (Outcome.NO_DIFFERENCE, 1.0, 1.0)
    assert "no difference between good and same is shown" in found.verdict()


def test_the_figures_are_those_of_the_report(platform: TrainingData, engines: dict[str, Recommender]) -> None:
    config = EvaluationConfig(resamples=50)
    evaluation = evaluate(engines, platform, TimeWindow(start=CUT), primary="good", config=config)
    found = compare(evaluation, "good", "blind", resamples=100)
    for segment in found.segments:
        reported = evaluation.report.segment(segment.name)
        assert reported is not None
        assert segment.users == reported.users
        for metric, values in segment.metrics.items():
            assert values.first == pytest.approx(reported.engines["good"][metric].mean)
            assert values.difference.mean == pytest.approx(reported.differences["blind"][metric].mean)


def test_the_comparison_is_plain_data(platform: TrainingData, engines: dict[str, Recommender]) -> None:
    content = json.loads(json.dumps(compared(platform, engines, "good", "blind").to_dict()))
    assert content["segments"][0]["metrics"]["ndcg@10"]["outcome"] == "better"


def test_each_metric_is_corrected_over_the_segments(platform: TrainingData, engines: dict[str, Recommender]) -> None:
    found = compared(platform, engines, "good", "blind")
    for metric in found.segments[0].metrics:
        compared_p = [segment.metrics[metric].p_corrected for segment in found.segments]
        assert compared_p == holm([segment.metrics[metric].p for segment in found.segments])


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_rejects_what_stepping_down_rejects(p: list[float]) -> None:
    rejected = set()
    for step, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        if p[index] * (len(p) - step) >= 0.05:
            break
        rejected.add(index)
    assert {index for index, value in enumerate(holm(p)) if value < 0.05} == rejected
