"""Plants what only the judged window could reveal, in every place it might enter, and sees no gain from it.

Each plant has a control: an engine that is handed the future on purpose does gain, so the plant is worth something.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Self

import numpy as np
import pytest

from recommendation_service.engines.baselines import fit_baselines
from recommendation_service.engines.ensemble import EnsembleConfig, EnsembleRecommender
from recommendation_service.engines.evaluation import Evaluation, evaluate, rank_all
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import CatalogueFacts
from recommendation_service.engines.evaluation_task import EvaluationTask, build_task
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.reranking.training_windows import WindowsConfig
from recommendation_service.engines.reverse_task import reverse_task
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.timeline import TimeWindow, data_before, to_microseconds
from recommendation_service.engines.training import train
from recommendation_service.engines.training_config import TrainingConfig, preset
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import (
    Catalogue,
    FloatArray,
    FundingRound,
    StartupRecord,
    TrainingData,
    UserState,
)
from recommendation_service.services import model_evaluation

CUT = datetime(2025, 4, 1, tzinfo=UTC)
WINDOW = TimeWindow(start=CUT)
SPLIT = TemporalSplit(validation_from=datetime(2025, 3, 15, tzinfo=UTC), train_until=CUT)
CONFIG = EvaluationConfig(resamples=20)
TINY: TrainingConfig = replace(preset("fast"), epochs=1, embedding=8)
HISTORY: TrainingConfig = replace(preset("history"), epochs=1)


class PeekingRecommender(Recommender):
    """Ranks first whatever a person is seen to like in the rows it is given: exploits any future row at once."""

    name: ClassVar[str] = "peeking"
    serves_cold_users: ClassVar[bool] = True

    def fit(self, data: TrainingData) -> Self:
        rows = data.interactions
        self.liked = {
            (data.users[user].id, data.startups[startup].id)
            for user, startup, label in zip(rows.user, rows.startup, rows.label, strict=True)
            if label > 0
        }
        return self

    def bind(self, catalogue: Catalogue) -> Scorer:
        return PairScorer(catalogue, lambda user, startup: (user.record.id, startup.id) in self.liked)


class HistoryRecommender(PeekingRecommender):
    """Ranks first what is in the history of the person asked about."""

    name: ClassVar[str] = "history"

    def bind(self, catalogue: Catalogue) -> Scorer:
        return PairScorer(catalogue, lambda user, startup: startup.id in {item.startup_id for item in user.history})


class PairScorer(Scorer):
    def __init__(self, catalogue: Catalogue, likes: Callable[[UserState, StartupRecord], bool]) -> None:
        super().__init__(catalogue)
        self.likes = likes

    def score(self, users: Sequence[UserState]) -> FloatArray:
        rows = [[self.likes(user, startup) for startup in self.catalogue.startups] for user in users]
        return np.array(rows, dtype=np.float32)


@pytest.fixture(scope="module")
def funded(make_platform: Callable[..., TrainingData]) -> TrainingData:
    return make_platform(with_rounds=True)


@pytest.fixture(scope="module")
def planted(funded: TrainingData) -> TrainingData:
    """What people will like is written into every field that is only filled in later."""
    rows = funded.interactions
    late = rows.startup[(rows.time >= to_microseconds(CUT)) & (rows.label > 0)]
    wanted = np.bincount(late, minlength=len(funded.startups))
    return replace(funded, startups=[with_future(one, int(n)) for one, n in zip(funded.startups, wanted, strict=True)])


def with_future(startup: StartupRecord, wanted: int) -> StartupRecord:
    """A startup with as many later rounds as people will like it, acquired and founded anew if any will."""
    if not wanted:
        return startup
    later = tuple(
        FundingRound(announced_on=date(2025, 4, 2) + timedelta(days=n), kind="series-z", amount_usd=1e9)
        for n in range(wanted)
    )
    return replace(startup, rounds=(*startup.rounds, *later), status="acquired", founded_on=date(2025, 5, 1))


def without_future(funded: TrainingData, planted: TrainingData) -> TrainingData:
    """The world as it was at the cut: no later round or status, and no age of what is said to be founded later."""
    startups = [
        replace(
            startup,
            rounds=tuple(one for one in startup.rounds if one.announced_on < CUT.date()),
            founded_on=None if later.founded_on and later.founded_on >= CUT.date() else startup.founded_on,
        )
        for startup, later in zip(funded.startups, planted.startups, strict=True)
    ]
    return replace(funded, startups=startups)


def without_window(data: TrainingData) -> TrainingData:
    """The rows of the window dealt out anew among the startups, so that they tell nothing."""
    rows = data.interactions
    late = np.flatnonzero(rows.time >= to_microseconds(CUT))
    startup = rows.startup.copy()
    startup[late] = startup[np.random.default_rng(0).permutation(late)]
    return replace(data, interactions=replace(rows, startup=startup))


def engines_of(data: TrainingData) -> dict[str, Recommender]:
    known = data_before(data, CUT)
    towers = {"profile towers": TINY, "history towers": HISTORY}
    learned = {name: TwoTowerRecommender(config).fit(known) for name, config in towers.items()}
    windows = WindowsConfig(count=3, share=0.1, policy="listed")
    ensemble = EnsembleRecommender(config=EnsembleConfig(windows=windows, least_people=10)).fit(known, voters=learned)
    return {**fit_baselines(known), **learned, ensemble.name: ensemble}


@pytest.fixture(scope="module")
def task(funded: TrainingData) -> EvaluationTask:
    return build_task(funded, WINDOW, policy="listed")


def test_facts_of_later_change_no_list(funded: TrainingData, planted: TrainingData) -> None:
    before, later = (build_task(data, WINDOW, policy="listed") for data in (without_future(funded, planted), planted))
    honest, tempted = engines_of(without_future(funded, planted)), engines_of(planted)
    for name in honest:
        np.testing.assert_array_equal(
            rank_all(tempted[name], later, CONFIG).columns, rank_all(honest[name], before, CONFIG).columns, err_msg=name
        )


def test_an_engine_that_reads_later_rounds_would_gain(planted: TrainingData) -> None:
    """The control: the plant is worth a lot to whoever looks."""

    class RoundCounter(PeekingRecommender):
        def bind(self, catalogue: Catalogue) -> Scorer:
            return PairScorer(
                catalogue, lambda user, startup: any(r.announced_on >= CUT.date() for r in startup.rounds)
            )

    task = build_task(planted, WINDOW, policy="listed")
    known = data_before(planted, CUT)
    found = evaluate(
        {"cheat": RoundCounter().fit(known), **fit_baselines(known)},
        planted,
        WINDOW,
        primary="cheat",
        config=replace(CONFIG, policy="listed"),
    )
    assert found.report.means("cheat")["recall@20"] > found.report.means("popularity")["recall@20"] + 0.05
    assert len(found.task.users) == len(task.users)


def judged_with(engine: Recommender, data: TrainingData, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    """The use case of judging, with an engine among the baselines that exploits whatever it is given."""
    monkeypatch.setattr(model_evaluation, "fit_baselines", lambda known: {engine.name: engine.fit(known)})
    model = HistoryRecommender().fit(data)
    return model_evaluation.judge(model, data, SPLIT, replace(CONFIG, policy="listed"))


def test_no_engine_is_given_a_row_of_the_window(funded: TrainingData, monkeypatch: pytest.MonkeyPatch) -> None:
    report = judged_with(PeekingRecommender(), funded, monkeypatch).report
    blind = judged_with(PeekingRecommender(), without_window(funded), monkeypatch).report
    handed = evaluate(
        {"peeking": PeekingRecommender().fit(funded)}, funded, WINDOW, primary="peeking", config=CONFIG
    ).report
    assert handed.means("peeking")["ndcg@10"] == 1.0
    assert report.means("peeking")["ndcg@10"] < 0.3
    assert report.means("peeking")["auc"] == blind.means("peeking")["auc"] == 0.5


def test_no_history_holds_an_act_of_the_window(funded: TrainingData, task: EvaluationTask) -> None:
    engine = HistoryRecommender().fit(funded)
    found = evaluate({"history": engine}, funded, WINDOW, primary="history", config=replace(CONFIG, policy="listed"))
    assert found.report.means("history")["auc"] == 0.5
    tomorrow = [task.histories.state(int(row), datetime(2026, 1, 1, tzinfo=UTC)) for row in task.users]
    scores = engine.bind(task.catalogue).score(tomorrow)
    assert (scores[task.relevant.owners, task.relevant.columns] == 1.0).all()


@pytest.mark.parametrize("config", [TINY, HISTORY], ids=["profile", "history"])
def test_training_reads_no_row_of_the_window(funded: TrainingData, config: TrainingConfig) -> None:
    weights = [train(data, config, SPLIT).recommender.to_state()[0] for data in (funded, without_window(funded))]
    for name, tensor in weights[0].items():
        np.testing.assert_array_equal(tensor.numpy(), weights[1][name].numpy(), err_msg=name)


def test_what_was_open_does_not_depend_on_what_people_then_did(funded: TrainingData, task: EvaluationTask) -> None:
    other = build_task(without_window(funded), WINDOW, policy="listed")
    np.testing.assert_array_equal(other.startup_rows, task.startup_rows)


def test_where_open_means_acted_on_everybody_is_asked_about_the_same_startups(funded: TrainingData) -> None:
    """`funded` takes the window's own acts into the catalogue; an engine that knows only that gains nothing."""

    class OpenRecommender(PeekingRecommender):
        def bind(self, catalogue: Catalogue) -> Scorer:
            return PairScorer(catalogue, lambda user, startup: startup.id in catalogue.index_of)

    engine = OpenRecommender().fit(funded)
    config = replace(CONFIG, policy="funded")
    assert evaluate({"open": engine}, funded, WINDOW, primary="open", config=config).report.means("open")["auc"] == 0.5


def test_activity_and_popularity_are_counted_before_the_window(funded: TrainingData, task: EvaluationTask) -> None:
    other = build_task(without_window(funded), WINDOW, policy="listed")
    np.testing.assert_array_equal(CatalogueFacts.of(other).information, CatalogueFacts.of(task).information)
    both = np.intersect1d(task.users, other.users)
    np.testing.assert_array_equal(
        other.acts_before[np.isin(other.users, both)], task.acts_before[np.isin(task.users, both)]
    )


def test_who_can_be_ranked_does_not_depend_on_who_comes(funded: TrainingData, task: EvaluationTask) -> None:
    other = build_task(without_window(funded), WINDOW, policy="listed")
    np.testing.assert_array_equal(reverse_task(other).people, reverse_task(task).people)
