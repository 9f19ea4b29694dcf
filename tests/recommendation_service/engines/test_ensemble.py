from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

import numpy as np
import pytest

from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.ensemble import EnsembleConfig, EnsembleRecommender
from recommendation_service.engines.errors import ConfigError, ModelFileError
from recommendation_service.engines.evaluation import mean_metrics
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_task import build_task
from recommendation_service.engines.histories import user_states
from recommendation_service.engines.item_knn import ItemKnnRecommender
from recommendation_service.engines.rank_fusion import RankFusionConfig, RankFusionRecommender
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.reranking.boosted_trees import BoostedTreesConfig
from recommendation_service.engines.reranking.listwise_network import ListwiseNetworkConfig
from recommendation_service.engines.reranking.members import Member
from recommendation_service.engines.reranking.training_windows import WindowsConfig
from recommendation_service.engines.timeline import TimeWindow, data_before, to_microseconds
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState

CUT = datetime(2025, 4, 10, tzinfo=UTC)
CONFIG = EnsembleConfig(
    windows=WindowsConfig(count=3, share=0.15, negatives=10, policy="listed"),
    ranker=BoostedTreesConfig(trees=20, min_rows_in_leaf=10),
    least_people=20,
)


def members() -> dict[str, Member]:
    return {
        "content_based": Member(make=ContentBasedRecommender, depth=20),
        "item_knn": Member(make=ItemKnnRecommender),
    }


@pytest.fixture(scope="module")
def market(make_platform: Callable[..., TrainingData]) -> TrainingData:
    """Taste, place and popularity all decide here, so that a blend of engines has something to gain."""
    return make_platform(users=150, startups=80, with_rounds=True, seed=5)


@pytest.fixture(scope="module")
def fitted(market: TrainingData) -> EnsembleRecommender:
    return EnsembleRecommender(members(), CONFIG).fit(data_before(market, CUT))


def catalogue_of(data: TrainingData) -> Catalogue:
    return Catalogue(startups=data.startups, as_of=CUT)


def test_ranks_better_than_each_of_its_members(market: TrainingData, fitted: EnsembleRecommender) -> None:
    task, config = build_task(market, TimeWindow(start=CUT)), EvaluationConfig(ks=(10,))
    train = data_before(market, CUT)
    alone = [mean_metrics(member.make().fit(train), task, config)["ndcg@10"] for member in members().values()]
    assert fitted.ranker is not None
    assert mean_metrics(fitted, task, config)["ndcg@10"] > max(alone)


def test_one_person_is_ranked_as_in_a_batch(market: TrainingData, fitted: EnsembleRecommender) -> None:
    scorer = fitted.bind(catalogue_of(market))
    users = user_states(market, np.arange(20), CUT)
    together = scorer.rank(users, 10).columns
    alone = [scorer.rank([user], 10).columns[0] for user in users]
    np.testing.assert_array_equal(together, np.stack(alone))


def test_only_what_a_member_puts_forward_has_a_score(market: TrainingData, fitted: EnsembleRecommender) -> None:
    users = [user for user in user_states(market, np.arange(20), CUT) if user.history]
    scores = fitted.bind(catalogue_of(market)).score(users)
    content = fitted._engines["content_based"].bind(catalogue_of(market)).rank(users, 20).columns
    for row, columns in enumerate(content):
        assert np.isfinite(scores[row, columns[columns >= 0]]).all()
    assert np.isneginf(scores).any()


def test_members_put_forward_only_what_is_allowed(market: TrainingData, fitted: EnsembleRecommender) -> None:
    """Though it is last for everybody, the only startup that is allowed is ranked."""
    users = [user for user in user_states(market, np.arange(20), CUT) if user.history]
    scorer = fitted.bind(catalogue_of(market))
    allowed = np.zeros(len(market.startups), dtype=np.bool_)
    allowed[int(np.nan_to_num(scorer.score(users), neginf=-99).mean(axis=0).argmin())] = True
    ranking = scorer.rank(users, 3, allowed)
    assert (ranking.columns[:, 0] == np.flatnonzero(allowed)[0]).all()
    assert (ranking.columns[:, 1:] == -1).all()


def test_people_without_a_like_are_ranked_by_fusion(market: TrainingData, fitted: EnsembleRecommender) -> None:
    users = [replace(user, history=()) for user in user_states(market, np.arange(5), CUT)]
    memory = fitted._fitted_memory().data
    content = {"content_based": ContentBasedRecommender().fit(memory)}
    fusion = RankFusionRecommender(content, RankFusionConfig(damping=10.0)).bind(catalogue_of(market))
    np.testing.assert_array_equal(fitted.bind(catalogue_of(market)).score(users), fusion.score(users))


def test_with_too_little_to_learn_from_it_fuses(market: TrainingData) -> None:
    train = data_before(market, CUT)
    ensemble = EnsembleRecommender(members(), replace(CONFIG, least_people=100_000)).fit(train)
    assert ensemble.ranker is None
    engines = {"a": ItemKnnRecommender().fit(train), "b": ContentBasedRecommender().fit(ensemble._fitted_memory().data)}
    fusion = RankFusionRecommender(engines, CONFIG.fusion).bind(catalogue_of(market))
    users = user_states(market, np.arange(30), CUT)
    np.testing.assert_allclose(ensemble.bind(catalogue_of(market)).score(users), fusion.score(users), rtol=1e-6)


def test_the_future_changes_nothing(market: TrainingData, fitted: EnsembleRecommender) -> None:
    """Rounds announced and acts done from the moment of ranking on are there in the records, and must not matter."""
    later = to_microseconds(CUT)
    startups = [
        replace(startup, rounds=tuple(item for item in startup.rounds if item.announced_on < CUT.date()))
        for startup in market.startups
    ]
    past = replace(market, startups=startups, interactions=market.interactions.take(market.interactions.time < later))
    blind = EnsembleRecommender(members(), CONFIG).fit(past)
    users = user_states(market, np.arange(40), CUT)
    expected = fitted.bind(catalogue_of(market)).score(users)
    np.testing.assert_array_equal(blind.bind(catalogue_of(past)).score(users), expected)


class Spy(Recommender):
    """Says nothing; notes the last act of each data set it learns from, and the moment it is asked about."""

    name: ClassVar[str] = "spy"
    serves_cold_users: ClassVar[bool] = True
    seen: ClassVar[list[tuple[int, int]]] = []

    def fit(self, data: TrainingData) -> Self:
        self.last = int(data.interactions.time.max())
        return self

    def bind(self, catalogue: Catalogue) -> Scorer:
        assert catalogue.as_of is not None
        self.seen.append((self.last, to_microseconds(catalogue.as_of)))
        return SilentScorer(catalogue)


class SilentScorer(Scorer):
    def score(self, users: Sequence[UserState]) -> FloatArray:
        return np.full((len(users), len(self.catalogue)), np.nan, dtype=np.float32)


def test_members_learn_only_from_before_each_window(market: TrainingData) -> None:
    Spy.seen.clear()
    EnsembleRecommender(members() | {"spy": Member(make=Spy)}, CONFIG).fit(data_before(market, CUT))
    assert len(Spy.seen) == CONFIG.windows.count
    assert all(last < moment for last, moment in Spy.seen)


def test_a_saved_ensemble_scores_the_same(market: TrainingData, fitted: EnsembleRecommender) -> None:
    loaded = EnsembleRecommender.from_state(*fitted.to_state())
    users = user_states(market, np.arange(60), CUT)
    np.testing.assert_array_equal(
        loaded.bind(catalogue_of(market)).score(users), fitted.bind(catalogue_of(market)).score(users)
    )


class Champion(Spy):
    """Votes for the last column of a catalogue, whoever asks."""

    name: ClassVar[str] = "champion"

    def bind(self, catalogue: Catalogue) -> Scorer:
        return ChampionScorer(catalogue)


class ChampionScorer(Scorer):
    def score(self, users: Sequence[UserState]) -> FloatArray:
        scores = np.zeros((len(users), len(self.catalogue)), dtype=np.float32)
        scores[:, -1] = 1.0
        return scores


def test_a_voter_puts_forward_and_is_weighed(market: TrainingData) -> None:
    train = data_before(market, CUT)
    voters = {"champion": Champion().fit(train)}
    users = [user for user in user_states(market, np.arange(40), CUT) if user.history]
    catalogue, last = catalogue_of(market), len(catalogue_of(market)) - 1
    lists = {}
    for weight in (0.0, 1.0):
        ensemble = EnsembleRecommender(members(), replace(CONFIG, vote=weight)).fit(train, voters=voters)
        lists[weight] = ensemble.bind(catalogue).rank(users, 5).columns
    alone = EnsembleRecommender(members(), CONFIG).fit(train).bind(catalogue)
    assert (lists[1.0][:, 0] == last).all()
    assert not (lists[0.0][:, 0] == last).all()
    allowed = np.ones(len(catalogue), dtype=np.bool_)
    allowed[last] = False
    outvoted = EnsembleRecommender(members(), replace(CONFIG, vote=1.0)).fit(train, voters=voters).bind(catalogue)
    assert not (outvoted.rank(users, 5, allowed).columns == last).any()
    assert alone.rank(users, 5).columns.shape == lists[0.0].shape


@pytest.mark.parametrize(
    ("weight", "telling"), [(0.5, True), (0.0, False)], ids=["it votes", "its vote weighs nothing"]
)
def test_a_voter_that_can_tell_accounts_for_its_vote(market: TrainingData, weight: float, telling: bool) -> None:
    """The trees cannot; a voter's scores, by which it votes, may be sums over what the person did."""
    train = data_before(market, CUT)
    voters = {"champion": Champion().fit(train), "content": ContentBasedRecommender().fit(train)}
    ensemble = EnsembleRecommender(members(), replace(CONFIG, vote=weight)).fit(train, voters=voters)
    catalogue, columns = catalogue_of(market), np.arange(7)
    user = next(user for user in user_states(market, np.arange(40), CUT) if user.history)
    ids = [item.startup_id for item in user.history]
    told = ensemble.bind(catalogue).contributions(user, columns, ids)
    expected = voters["content"].bind(catalogue).contributions(user, columns, ids)
    assert (told is not None) == telling
    if told is not None:
        assert expected is not None
        assert told.engine == "content_based"
        np.testing.assert_array_equal(told.parts, expected.parts)
    assert EnsembleRecommender(members(), CONFIG).fit(train).bind(catalogue).contributions(user, columns, ids) is None


def test_a_network_ranks_beside_the_trees(market: TrainingData, fitted: EnsembleRecommender) -> None:
    """By half it moves lists; saved and loaded it scores the same; without a share there is none."""
    train, users = data_before(market, CUT), user_states(market, np.arange(40), CUT)
    network = ListwiseNetworkConfig(hidden=(8,), epochs=3)
    ensemble = EnsembleRecommender(members(), replace(CONFIG, network=network, network_share=0.5)).fit(train)
    scores = ensemble.bind(catalogue_of(market)).score(users)
    assert not np.array_equal(scores, fitted.bind(catalogue_of(market)).score(users))
    loaded = EnsembleRecommender.from_state(*ensemble.to_state())
    np.testing.assert_array_equal(loaded.bind(catalogue_of(market)).score(users), scores)
    assert fitted.ranker is not None
    assert fitted.ranker.network is None
    tensors, description = ensemble.to_state()
    del tensors["network.layers.0.weight"]
    with pytest.raises(ModelFileError, match="the network of a re-ranker"):
        EnsembleRecommender.from_state(tensors, description)


def test_voters_are_handed_in_when_an_ensemble_is_loaded(market: TrainingData) -> None:
    train = data_before(market, CUT)
    champion = Champion().fit(train)
    ensemble = EnsembleRecommender(members(), CONFIG).fit(train, voters={"champion": champion})
    state = ensemble.to_state()
    with pytest.raises(ModelFileError, match="champion"):
        EnsembleRecommender.from_state(*state)
    loaded = EnsembleRecommender.from_state(*state, voters={"champion": champion, "unused": Spy()})
    users = user_states(market, np.arange(30), CUT)
    np.testing.assert_array_equal(
        loaded.bind(catalogue_of(market)).score(users), ensemble.bind(catalogue_of(market)).score(users)
    )


@pytest.mark.parametrize("part", ["config", "members", "voters", "memory", "trees"])
def test_a_file_without_a_part_is_refused(fitted: EnsembleRecommender, part: str) -> None:
    tensors, description = fitted.to_state()
    del description[part]
    with pytest.raises(ModelFileError, match="does not hold an ensemble"):
        EnsembleRecommender.from_state(tensors, description)


def test_foreign_trees_are_refused(fitted: EnsembleRecommender) -> None:
    tensors, description = fitted.to_state()
    with pytest.raises(ModelFileError, match="trees"):
        EnsembleRecommender.from_state(tensors, description | {"trees": "no trees"})


def test_needs_a_member() -> None:
    with pytest.raises(ConfigError, match="at least one member"):
        EnsembleRecommender({})


@pytest.mark.parametrize(
    "values", [{"least_people": 0}, {"seed": -1}, {"vote": 1.5}, {"vote_depth": 0}, {"network_share": -0.1}]
)
def test_impossible_settings_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        EnsembleConfig(**values)
