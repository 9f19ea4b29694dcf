from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar, Self

import numpy as np
import pytest

from recommendation_service.engines import reverse_evaluation
from recommendation_service.engines.activity import ActivityRecommender
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.errors import ConfigError, DatasetError
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_task import EvaluationTask, build_task
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.reverse_evaluation import answer_reverse, evaluate_reverse
from recommendation_service.engines.reverse_task import reverse_task
from recommendation_service.engines.timeline import TimeWindow, data_before, to_microseconds
from recommendation_service.engines.types import Catalogue, FloatArray, Interactions, TrainingData, UserState

CUT = datetime(2025, 4, 1, tzinfo=UTC)
WINDOW = TimeWindow(start=CUT)
CONFIG = EvaluationConfig(ks=(3, 10), resamples=50)
Rows = Callable[..., Interactions]


class ScriptedRecommender(Recommender):
    """Gives the scores it was told, by user and startup id."""

    name: ClassVar[str] = "scripted"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, score_of: Callable[[UserState, str], float]) -> None:
        self.score_of = score_of

    def fit(self, data: TrainingData) -> Self:
        return self

    def bind(self, catalogue: Catalogue) -> Scorer:
        return ScriptedScorer(catalogue, self.score_of)


class ScriptedScorer(Scorer):
    def __init__(self, catalogue: Catalogue, score_of: Callable[[UserState, str], float]) -> None:
        super().__init__(catalogue)
        self.score_of = score_of

    def score(self, users: Sequence[UserState]) -> FloatArray:
        rows = [[self.score_of(user, startup.id) for startup in self.catalogue.startups] for user in users]
        return np.array(rows, dtype=np.float32)


@pytest.fixture(scope="module")
def forward(platform: TrainingData) -> EvaluationTask:
    return build_task(platform, WINDOW)


@pytest.fixture(scope="module")
def engines(platform: TrainingData) -> dict[str, Recommender]:
    known = data_before(platform, CUT)
    return {"content_based": ContentBasedRecommender().fit(known), "activity": ActivityRecommender().fit(known)}


def acts(data: TrainingData) -> list[tuple[int, int, float, bool]]:
    """(user row, startup row, label, before the cut) of what people did."""
    rows = data.interactions
    return [
        (int(rows.user[i]), int(rows.startup[i]), float(rows.label[i]), bool(rows.time[i] < to_microseconds(CUT)))
        for i in range(len(rows))
        if rows.kind[i] != max(rows.kind)
    ]


def brute_force_ndcg(data: TrainingData, forward: EvaluationTask, engine: Recommender, k: int) -> dict[str, float]:
    """NDCG@k of every startup, one by one, from the rows and the protocol alone."""
    done = acts(data)
    people = sorted({user for user, _, _, early in done if early})
    open_rows = set(forward.startup_rows.tolist())
    values = {}
    for row, startup in enumerate(data.startups):
        known = {user for user, acted, _, early in done if acted == row and early}
        found = {user for user, acted, label, early in done if acted == row and not early and label > 0}
        relevant = (found - known) & set(people)
        if row not in open_rows or not relevant:
            continue
        states = [forward.histories.state(user, CUT) for user in people]
        scores = engine.bind(Catalogue(startups=[startup], as_of=CUT)).score(states)[:, 0]
        ranked = [people[p] for p in np.argsort(-scores, kind="stable") if people[p] not in known][:k]
        gain = sum(1 / math.log2(place + 2) for place, user in enumerate(ranked) if user in relevant)
        values[startup.id] = gain / sum(1 / math.log2(place + 2) for place in range(min(k, len(relevant))))
    return values


@pytest.mark.parametrize("name", ["content_based", "activity"])
def test_equals_brute_force(
    platform: TrainingData, forward: EvaluationTask, engines: dict[str, Recommender], name: str
) -> None:
    report = evaluate_reverse(engines, forward, primary="content_based", config=CONFIG)
    expected = brute_force_ndcg(platform, forward, engines[name], 10)
    assert report.startups == len(expected)
    assert report.segments[0].engines[name]["ndcg@10"].mean == pytest.approx(np.mean(list(expected.values())))


def test_knowing_the_future_scores_1(platform: TrainingData, forward: EvaluationTask) -> None:
    liked = {
        (platform.users[user].id, platform.startups[startup].id)
        for user, startup, label, early in acts(platform)
        if not early and label > 0
    }
    oracle = ScriptedRecommender(lambda user, startup: float((user.record.id, startup) in liked))
    report = evaluate_reverse({"oracle": oracle}, forward, primary="oracle", config=CONFIG)
    figures = report.segments[0].engines["oracle"]
    assert [figures[metric].mean for metric in ("ndcg@10", "hit_rate@10", "mrr@3", "auc")] == [1.0] * 4


def test_who_already_knows_a_startup_is_never_ranked(forward: EvaluationTask, engines: dict[str, Recommender]) -> None:
    task = reverse_task(forward)
    known = task.known.mask(slice(0, len(task.startups)), task.width)
    for answers in answer_reverse(engines, task, CONFIG).values():
        for row, columns in enumerate(answers.ranking.columns):
            assert not known[row, columns[columns >= 0]].any()


def test_memory_is_bounded_without_changing_a_figure(
    forward: EvaluationTask, engines: dict[str, Recommender], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evaluate_reverse(engines, forward, primary="activity", config=CONFIG)
    monkeypatch.setattr(reverse_evaluation, "_CELLS", 100)
    pieces = evaluate_reverse(engines, forward, primary="activity", config=replace(CONFIG, batch_size=7))
    assert json.dumps(pieces.to_dict()) == json.dumps(whole.to_dict())


def test_newcomers_cannot_be_ranked_and_are_counted(platform: TrainingData, make_interactions: Rows) -> None:
    """User 0 had acted before; user 1 comes in the window. Startup 3 only finds the newcomer."""
    cut = to_microseconds(CUT)
    rows = [(0, 1, "like", cut - 5), (0, 2, "apply", cut + 1), (1, 2, "apply", cut + 2), (1, 3, "view", cut + 3)]
    task = reverse_task(build_task(replace(platform, interactions=make_interactions(rows)), WINDOW))
    assert (task.people.tolist(), len(task.startups)) == ([0], 1)
    assert dict(task.left_out) == {"acts_of_people_without_history": 2, "startups_without_relevant_person": 1}


def test_startups_with_and_without_a_past_are_told_apart(platform: TrainingData, make_interactions: Rows) -> None:
    cut = to_microseconds(CUT)
    rows = [(0, 1, "like", cut - 5), (1, 2, "like", cut - 4), (0, 2, "apply", cut + 1), (0, 3, "apply", cut + 2)]
    data = replace(platform, interactions=make_interactions(rows))
    engine = ActivityRecommender().fit(data)
    report = evaluate_reverse({"activity": engine}, build_task(data, WINDOW), primary="activity", config=CONFIG)
    assert [(segment.name, segment.users) for segment in report.segments] == [
        ("all", 2),
        ("known_startups", 1),
        ("new_startups", 1),
    ]


def test_a_platform_of_newcomers_is_refused(platform: TrainingData, make_interactions: Rows) -> None:
    cut = to_microseconds(CUT)
    data = replace(platform, interactions=make_interactions([(0, 1, "like", cut + 1)]))
    with pytest.raises(DatasetError, match=r"nobody who had acted before 2025-04-01.*choose a later split"):
        reverse_task(build_task(data, WINDOW))


def test_an_unknown_primary_is_refused(forward: EvaluationTask, engines: dict[str, Recommender]) -> None:
    with pytest.raises(ConfigError, match="'two_tower' is not among those evaluated: content_based, activity"):
        evaluate_reverse(engines, forward, primary="two_tower", config=CONFIG)
