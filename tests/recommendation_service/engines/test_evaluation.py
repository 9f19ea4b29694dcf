from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self

import numpy as np
import pytest

from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.errors import ConfigError, DatasetError
from recommendation_service.engines.evaluation import Evaluation, evaluate, mean_metrics
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import value_names
from recommendation_service.engines.evaluation_task import build_task
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.recommender import Recommender, Scorer, top_k
from recommendation_service.engines.timeline import TimeWindow, data_before, to_microseconds
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    Catalogue,
    FloatArray,
    Interactions,
    Ranking,
    StartupRecord,
    TrainingData,
    UserRecord,
    UserState,
)

CUT = datetime(2025, 4, 1, tzinfo=UTC)
WINDOW = TimeWindow(start=CUT)
CONFIG = EvaluationConfig(ks=(3, 10), resamples=50)


class ScriptedRecommender(Recommender):
    """Gives the scores it was told, by user and startup id; remembers what it was asked about."""

    name: ClassVar[str] = "scripted"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, score_of: Callable[[UserState, str], float]) -> None:
        self.score_of = score_of
        self.asked: list[UserState] = []

    def fit(self, data: TrainingData) -> Self:
        return self

    def bind(self, catalogue: Catalogue) -> Scorer:
        return ScriptedScorer(catalogue, self)


class ScriptedScorer(Scorer):
    def __init__(self, catalogue: Catalogue, script: ScriptedRecommender) -> None:
        super().__init__(catalogue)
        self.script = script

    def score(self, users: Sequence[UserState]) -> FloatArray:
        self.script.asked.extend(users)
        rows = [[self.script.score_of(user, startup.id) for startup in self.catalogue.startups] for user in users]
        return np.array(rows, dtype=np.float32)


class WarmOnlyRecommender(ScriptedRecommender):
    """An engine that has nothing to say to new people."""

    name: ClassVar[str] = "warm_only"
    serves_cold_users: ClassVar[bool] = False


@pytest.fixture(scope="module")
def baselines(platform: TrainingData) -> dict[str, Recommender]:
    known = data_before(platform, CUT)
    return {
        "content_based": ContentBasedRecommender().fit(known),
        "popularity": PopularityRecommender().fit(known),
    }


@pytest.fixture(scope="module")
def evaluation(platform: TrainingData, baselines: dict[str, Recommender]) -> Evaluation:
    return evaluate(baselines, platform, WINDOW, primary="content_based", config=CONFIG)


def rows_of(data: TrainingData) -> list[tuple[str, str, str, float, bool]]:
    """(user id, startup id, kind, label, before the cut) of each row."""
    rows = data.interactions
    return [
        (
            data.users[rows.user[row]].id,
            data.startups[rows.startup[row]].id,
            INTERACTION_KINDS[rows.kind[row]],
            float(rows.label[row]),
            bool(rows.time[row] < to_microseconds(CUT)),
        )
        for row in range(len(rows))
    ]


def brute_force_ndcg(data: TrainingData, engine: Recommender, k: int) -> dict[str, float]:
    """NDCG@k of everybody with history, user by user, from the rows and the protocol alone."""
    rows = rows_of(data)
    catalogue = [startup for startup in data.startups if startup.closed_at is None or startup.closed_at > CUT]
    scorer = engine.bind(Catalogue(startups=catalogue))
    values = {}
    for user in data.users:
        mine = [row for row in rows if row[0] == user.id and row[2] != "sampled_negative"]
        known = {startup for _, startup, _, _, early in mine if early}
        relevant = {startup for _, startup, _, label, early in mine if not early and label > 0} - known
        relevant &= {startup.id for startup in catalogue}
        if not known or not relevant:
            continue
        state = build_task(data, WINDOW).histories.state(data.users.index(user), CUT)
        order = np.argsort(-scorer.score([state])[0], kind="stable")
        ranked = [catalogue[column].id for column in order if catalogue[column].id not in known][:k]
        gain = sum(1 / math.log2(place + 2) for place, startup in enumerate(ranked) if startup in relevant)
        values[user.id] = gain / sum(1 / math.log2(place + 2) for place in range(min(k, len(relevant))))
    return values


@pytest.mark.parametrize("name", ["content_based", "popularity"])
def test_equals_brute_force(
    platform: TrainingData, baselines: dict[str, Recommender], evaluation: Evaluation, name: str
) -> None:
    expected = brute_force_ndcg(platform, baselines[name], 10)
    assert evaluation.report.users == len(expected)
    assert evaluation.report.means(name)["ndcg@10"] == pytest.approx(np.mean(list(expected.values())), abs=1e-12)


def test_knowing_the_future_scores_1(platform: TrainingData) -> None:
    liked = {(user, startup) for user, startup, _, label, early in rows_of(platform) if not early and label > 0}
    oracle = ScriptedRecommender(lambda user, startup: float((user.record.id, startup) in liked))
    report = evaluate({"oracle": oracle}, platform, WINDOW, primary="oracle", config=CONFIG).report
    for metric in ("ndcg@10", "mrr@10", "hit_rate@3", "recall@10"):
        assert report.means("oracle")[metric] == 1.0


def test_nobody_is_asked_with_knowledge_of_later(platform: TrainingData) -> None:
    engine = ScriptedRecommender(lambda user, startup: 0.0)
    evaluate({"scripted": engine}, platform, WINDOW, primary="scripted", config=CONFIG)
    assert engine.asked
    assert all(item.time < CUT for user in engine.asked for item in user.history)
    assert {user.as_of for user in engine.asked} == {CUT}
    assert all(item.kind != "sampled_negative" for user in engine.asked for item in user.history)


def test_what_was_already_seen_is_never_ranked(evaluation: Evaluation, platform: TrainingData) -> None:
    task = evaluation.task
    seen = {
        (user, startup) for user, startup, kind, _, early in rows_of(platform) if early and kind != "sampled_negative"
    }
    for ranking in evaluation.rankings.values():
        for row, columns in zip(task.users.tolist(), ranking.columns, strict=True):
            ranked = [(platform.users[row].id, task.catalogue.startups[column].id) for column in columns if column >= 0]
            assert not seen.intersection(ranked)
            assert len(ranked) == len(set(ranked))


def test_startups_sampled_as_negatives_may_be_ranked(evaluation: Evaluation, platform: TrainingData) -> None:
    sampled = {
        (user, startup) for user, startup, kind, _, early in rows_of(platform) if early and kind == "sampled_negative"
    }
    task = evaluation.task
    ranked = {
        (platform.users[row].id, task.catalogue.startups[column].id)
        for row, columns in zip(task.users.tolist(), evaluation.rankings["popularity"].columns, strict=True)
        for column in columns.tolist()
        if column >= 0
    }
    assert ranked & sampled


def test_the_size_of_a_batch_changes_nothing(
    platform: TrainingData, baselines: dict[str, Recommender], evaluation: Evaluation
) -> None:
    small = evaluate(baselines, platform, WINDOW, primary="content_based", config=replace(CONFIG, batch_size=7))
    assert small.report.means("popularity") == pytest.approx(evaluation.report.means("popularity"))
    np.testing.assert_array_equal(small.rankings["content_based"].columns, evaluation.rankings["content_based"].columns)


def test_is_deterministic(platform: TrainingData, baselines: dict[str, Recommender], evaluation: Evaluation) -> None:
    again = evaluate(baselines, platform, WINDOW, primary="content_based", config=CONFIG)
    assert json.dumps(again.report.to_dict()) == json.dumps(evaluation.report.to_dict())


def test_differences_are_the_primary_minus_the_other(evaluation: Evaluation) -> None:
    segment = evaluation.report.segment()
    assert segment is not None
    assert set(segment.differences) == {"popularity"}
    difference = segment.differences["popularity"]["ndcg@10"]
    means = {name: evaluation.report.means(name)["ndcg@10"] for name in segment.engines}
    assert difference.mean == pytest.approx(means["content_based"] - means["popularity"])
    assert difference.low <= difference.mean <= difference.high


def test_segments_add_up(evaluation: Evaluation) -> None:
    sizes = {segment.name: segment.users for segment in evaluation.report.segments}
    assert next(iter(sizes)) == "all"
    assert sizes["all"] == evaluation.report.users
    for prefix in ("role=", "activity="):
        assert sum(size for name, size in sizes.items() if name.startswith(prefix)) == sizes["all"]


def test_a_segment_mean_is_the_mean_over_its_people(
    platform: TrainingData, baselines: dict[str, Recommender], evaluation: Evaluation
) -> None:
    role = {user.id: user.role for user in platform.users}
    values = brute_force_ndcg(platform, baselines["popularity"], 10)
    investors = [value for user, value in values.items() if role[user] == "investor"]
    found = evaluation.report.means("popularity", "role=investor")["ndcg@10"]
    assert found == pytest.approx(np.mean(investors), abs=1e-12)


@pytest.mark.parametrize(("acts", "segment"), [(4, "cold"), (5, "warm"), (20, "warm"), (21, "hot")])
def test_thresholds_of_activity(
    platform: TrainingData, make_interactions: Callable[..., Interactions], acts: int, segment: str
) -> None:
    cut = to_microseconds(CUT)
    rows = [(0, startup, "view", cut - 100 + startup) for startup in range(acts)] + [(0, 30, "apply", cut)]
    data = replace(platform, interactions=make_interactions(rows))
    engine = ScriptedRecommender(lambda user, startup: 0.0)
    report = evaluate({"scripted": engine}, data, WINDOW, primary="scripted", config=CONFIG).report
    assert [found.name for found in report.segments if found.name.startswith("activity=")] == [f"activity={segment}"]


@pytest.fixture
def newcomers(platform: TrainingData, make_interactions: Callable[..., Interactions]) -> TrainingData:
    """User 0 acted before and after the cut, user 1 only after it; startup 1 was acted on before, 2 and 3 were not."""
    cut = to_microseconds(CUT)
    rows = [(0, 1, "like", cut - 5), (0, 2, "apply", cut + 1), (1, 1, "apply", cut + 2), (1, 3, "view", cut + 3)]
    return replace(platform, interactions=make_interactions(rows))


def test_people_without_history_are_judged_apart(newcomers: TrainingData) -> None:
    engines: dict[str, Recommender] = {
        "scripted": ScriptedRecommender(lambda user, startup: 1.0),
        "warm_only": WarmOnlyRecommender(lambda user, startup: 1.0),
    }
    found = evaluate(engines, newcomers, WINDOW, primary="scripted", config=CONFIG)
    alone = found.report.segment("no_history")
    assert alone is not None
    assert (found.report.users, alone.users, found.report.left_out["people_without_history"]) == (1, 1, 1)
    assert set(alone.engines) == {"scripted"}
    stranger = found.task.users.tolist().index(1)
    assert (found.rankings["warm_only"].columns[stranger] == -1).all()


def test_new_startups_are_ranked_among_themselves(newcomers: TrainingData) -> None:
    engine = ScriptedRecommender(lambda user, startup: float(startup == newcomers.startups[2].id))
    report = evaluate({"scripted": engine}, newcomers, WINDOW, primary="scripted", config=CONFIG).report
    segment = report.segment("new_startups")
    assert segment is not None
    assert (segment.users, segment.catalogue_size) == (1, 2)
    assert segment.engines["scripted"]["ndcg@3"].mean == 1.0


def test_startups_with_a_past_are_ranked_among_themselves_too(
    platform: TrainingData, make_interactions: Callable[..., Interactions]
) -> None:
    """An engine that puts a new startup first loses places in the full list, and none among the known ones."""
    cut = to_microseconds(CUT)
    rows = [(0, 1, "like", cut - 9), (1, 2, "like", cut - 8), (0, 2, "apply", cut + 1), (1, 3, "apply", cut + 2)]
    data = replace(platform, interactions=make_interactions(rows))
    score = {data.startups[3].id: 2.0, data.startups[2].id: 1.0}
    engine = ScriptedRecommender(lambda user, startup: score.get(startup, 0.0))
    report = evaluate({"scripted": engine}, data, WINDOW, primary="scripted", config=CONFIG).report
    assert report.means("scripted")["mrr@3"] == 0.75
    known = report.segment("known_startups")
    assert known is not None
    assert (known.users, known.catalogue_size) == (1, 2)
    assert report.means("scripted", "known_startups")["mrr@3"] == 1.0
    assert report.means("scripted", "new_startups")["mrr@3"] == 1.0


def test_startups_are_grouped_for_warm_people_too(evaluation: Evaluation) -> None:
    sizes = {segment.name: segment.users for segment in evaluation.report.segments}
    for group in ("new_startups", "known_startups"):
        parts = [size for name, size in sizes.items() if name.startswith(f"{group}, ")]
        assert sum(parts) == sizes[group]
        assert f"{group}, warm" in sizes


def test_auc_looks_at_all_that_could_be_shown(platform: TrainingData, baselines: dict[str, Recommender]) -> None:
    found = evaluate(baselines, platform, WINDOW, primary="popularity", config=CONFIG)
    task, column = found.task, value_names(CONFIG.ks).index("auc")
    scores = baselines["popularity"].bind(task.catalogue).score(task.states(slice(0, 1)))[0]
    for user in range(len(task.users)):
        run = slice(user, user + 1)
        open_, good = ~task.known.mask(run, task.width)[0], task.relevant.mask(run, task.width)[0]
        wins = [(a > b) + (a == b) / 2 for a in scores[good] for b in scores[open_ & ~good]]
        assert found.values["popularity"][user, column] == pytest.approx(np.mean(wins), abs=1e-12)


def test_one_list_for_everybody_is_the_most_unequal(platform: TrainingData, baselines: dict[str, Recommender]) -> None:
    report = evaluate(baselines, platform, WINDOW, primary="popularity", config=CONFIG).report
    popular, content = report.exposure["popularity"], report.exposure["content_based"]
    assert popular["gini@3"] > content["gini@3"] > 0
    assert popular["popular_share@3"] > content["popular_share@3"]
    assert report.means("popularity")["novelty@3"] < report.means("content_based")["novelty@3"]
    assert report.means("popularity")["diversity@3"] > report.means("content_based")["diversity@3"]


def test_new_startups_have_their_share_of_places(newcomers: TrainingData) -> None:
    new_first = ScriptedRecommender(lambda user, startup: float(startup != newcomers.startups[1].id))
    old_first = ScriptedRecommender(lambda user, startup: float(startup == newcomers.startups[2].id) / 2)
    engines: dict[str, Recommender] = {"new_first": new_first, "old_first": old_first}
    report = evaluate(engines, newcomers, WINDOW, primary="new_first", config=CONFIG).report
    assert report.exposure["new_first"]["new_share@3"] == 1.0
    assert report.new_share_of_catalogue == 1 - 1 / report.catalogue_size


class TwoStageScorer(ScriptedScorer):
    """Scores only its first two candidates; ranking, it picks them among what is allowed."""

    def score(self, users: Sequence[UserState]) -> FloatArray:
        return self._first_two(users, np.ones((len(users), len(self.catalogue)), dtype=np.bool_))

    def rank(self, users: Sequence[UserState], k: int, allowed: np.ndarray | None = None) -> Ranking:
        shape = (len(users), len(self.catalogue))
        return top_k(self._first_two(users, np.broadcast_to(True if allowed is None else allowed, shape)), k, allowed)

    def _first_two(self, users: Sequence[UserState], allowed: np.ndarray) -> FloatArray:
        return np.where(allowed & (np.cumsum(allowed, axis=1) <= 2), super().score(users), -np.inf).astype(np.float32)


class TwoStageRecommender(ScriptedRecommender):
    def bind(self, catalogue: Catalogue) -> Scorer:
        return TwoStageScorer(catalogue, self)


def test_an_engine_ranks_what_is_allowed_in_its_own_way(
    platform: TrainingData, make_interactions: Callable[..., Interactions]
) -> None:
    """What a person knows takes no candidate's place."""
    cut = to_microseconds(CUT)
    rows = [(0, 0, "like", cut - 5), (0, 1, "like", cut - 4), (0, 2, "apply", cut + 1)]
    data = replace(platform, interactions=make_interactions(rows))
    engine = TwoStageRecommender(lambda user, startup: 1.0)
    report = evaluate({"two_stage": engine}, data, WINDOW, primary="two_stage", config=CONFIG).report
    assert report.means("two_stage")["mrr@3"] == 1.0


class SureScorer(ScriptedScorer):
    """Takes every score for a probability."""

    def probability(self, scores: FloatArray) -> FloatArray:
        return scores


class SureRecommender(ScriptedRecommender):
    def bind(self, catalogue: Catalogue) -> Scorer:
        return SureScorer(catalogue, self)


def test_probabilities_are_held_against_the_rows_of_the_window(
    platform: TrainingData, make_interactions: Callable[..., Interactions]
) -> None:
    cut = to_microseconds(CUT)
    rows = [
        (0, 1, "like", cut - 5),
        (0, 2, "apply", cut + 1),
        (0, 3, "sampled_negative", cut + 1),
        (1, 4, "dislike", cut + 2),
    ]
    data = replace(platform, interactions=make_interactions(rows))
    engines: dict[str, Recommender] = {
        "sure": SureRecommender(lambda user, startup: 0.75),
        "silent": ScriptedRecommender(lambda user, startup: 0.75),
    }
    calibration = evaluate(engines, data, WINDOW, primary="sure", config=CONFIG).report.calibration
    assert set(calibration) == {"sure"}
    assert (calibration["sure"].pairs, calibration["sure"].label) == (3, pytest.approx(1 / 3))
    assert calibration["sure"].ece == pytest.approx(0.75 - 1 / 3)


def test_rows_of_one_label_calibrate_nothing(newcomers: TrainingData) -> None:
    rows = newcomers.interactions
    data = replace(newcomers, interactions=replace(rows, label=np.ones_like(rows.label)))
    engine = SureRecommender(lambda user, startup: 0.75)
    assert evaluate({"sure": engine}, data, WINDOW, primary="sure", config=CONFIG).report.calibration == {}


def test_records_without_any_feature_can_be_judged(
    platform: TrainingData, make_interactions: Callable[..., Interactions]
) -> None:
    """An id-only data set: no text, no facets, no roles."""
    bare = TrainingData(
        users=[UserRecord(id=user.id, role="") for user in platform.users],
        startups=[StartupRecord(id=startup.id, opened_at=startup.opened_at) for startup in platform.startups],
        interactions=platform.interactions,
    )
    engine = PopularityRecommender().fit(data_before(bare, CUT))
    report = evaluate({"popularity": engine}, bare, WINDOW, primary="popularity", config=CONFIG).report
    assert report.means("popularity")["diversity@10"] == pytest.approx(0.0)
    assert not [segment.name for segment in report.segments if segment.name.startswith("role=")]


def test_counts_what_is_left_out(platform: TrainingData, make_interactions: Callable[..., Interactions]) -> None:
    cut = to_microseconds(CUT)
    startups = list(platform.startups)
    startups[5] = replace(startups[5], closed_at=CUT - timedelta(days=1))
    rows = [
        (0, 1, "like", cut - 5),
        (0, 2, "apply", cut + 1),
        (0, 3, "sampled_negative", cut + 1),
        (0, 4, "dislike", cut + 2),
        (0, 5, "apply", cut + 3),
        (2, 4, "dislike", cut + 4),
        (3, 6, "view", cut + 5),
    ]
    data = replace(platform, startups=startups, interactions=make_interactions(rows))
    assert dict(build_task(data, WINDOW).left_out) == {
        "acts_with_low_label": 2,
        "acts_on_startups_not_open": 1,
        "acts_on_startups_already_known": 0,
        "people_without_relevant_startup": 1,
        "people_without_history": 1,
    }
    strict = build_task(data, WINDOW, label_above=0.5)
    assert strict.left_out["acts_with_low_label"] == 3
    assert strict.users.tolist() == [0]


def test_what_was_known_before_cannot_be_discovered(
    platform: TrainingData, make_interactions: Callable[..., Interactions]
) -> None:
    """An act on it in the window is counted and left out: it cannot be ranked, and would lower every recall."""
    cut = to_microseconds(CUT)
    rows = [(0, 1, "like", cut - 5), (0, 1, "apply", cut + 1), (0, 2, "apply", cut + 2), (3, 1, "apply", cut + 3)]
    task = build_task(replace(platform, interactions=make_interactions(rows)), WINDOW)
    assert task.left_out["acts_on_startups_already_known"] == 1
    assert task.relevant.counts.tolist() == [1, 1]


def test_the_end_of_the_window_ends_the_judgement(platform: TrainingData) -> None:
    window = TimeWindow(start=CUT, end=CUT + timedelta(days=5))
    task = build_task(platform, window)
    assert task.relevant.counts.sum() < build_task(platform, WINDOW).relevant.counts.sum()
    assert all(startup.opened_at < CUT + timedelta(days=5) for startup in task.catalogue.startups)


def test_graded_gains_reward_the_stronger_act_first(
    platform: TrainingData, make_interactions: Callable[..., Interactions]
) -> None:
    cut = to_microseconds(CUT)
    rows = [(0, 1, "like", cut - 5), (0, 2, "view", cut + 1), (0, 3, "apply", cut + 2)]
    data = replace(platform, interactions=make_interactions(rows))
    view_first = ScriptedRecommender(
        lambda user, startup: {data.startups[2].id: 2.0, data.startups[3].id: 1.0}.get(startup, 0.0)
    )
    means = evaluate({"scripted": view_first}, data, WINDOW, primary="scripted", config=CONFIG).report.means("scripted")
    assert means["ndcg@3"] == 1.0
    assert means["graded_ndcg@3"] == pytest.approx((0.4 + 1 / math.log2(3)) / (1 + 0.4 / math.log2(3)))


def test_mean_metrics_are_the_means_of_the_report(
    platform: TrainingData, baselines: dict[str, Recommender], evaluation: Evaluation
) -> None:
    means = mean_metrics(baselines["popularity"], build_task(platform, WINDOW), CONFIG)
    reported = evaluation.report.means("popularity")
    assert means == pytest.approx({metric: reported[metric] for metric in means})


def test_an_engine_without_anything_to_say_scores_0(platform: TrainingData) -> None:
    silent = ScriptedRecommender(lambda user, startup: float("nan"))
    found = evaluate({"silent": silent}, platform, WINDOW, primary="silent", config=CONFIG)
    assert found.report.means("silent")["ndcg@10"] == 0.0
    assert found.report.coverage["silent"]["coverage@10"] == 0.0


def test_a_window_without_acts_is_refused(platform: TrainingData, baselines: dict[str, Recommender]) -> None:
    late = TimeWindow(start=datetime(2030, 1, 1, tzinfo=UTC))
    with pytest.raises(DatasetError, match=r"nothing to judge from 2030-01-01.*choose an earlier split"):
        evaluate(baselines, platform, late, primary="popularity", config=CONFIG)


def test_an_unknown_primary_is_refused(platform: TrainingData, baselines: dict[str, Recommender]) -> None:
    with pytest.raises(ConfigError, match="'two_tower' is not among those evaluated: content_based, popularity"):
        evaluate(baselines, platform, WINDOW, primary="two_tower", config=CONFIG)


@pytest.mark.parametrize(
    "values",
    [
        {"ks": ()},
        {"ks": (10, 5)},
        {"ks": (0, 5)},
        {"ks": (5, 5)},
        {"label_above": 1.0},
        {"label_above": -0.1},
        {"warm_from": 0},
        {"warm_from": 30, "hot_above": 20},
        {"batch_size": 0},
        {"resamples": 0},
        {"confidence": 1.0},
    ],
)
def test_impossible_settings_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        EvaluationConfig(**values)  # type: ignore[arg-type]
