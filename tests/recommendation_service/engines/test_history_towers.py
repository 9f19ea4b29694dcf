from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import torch

from recommendation_service.engines.act_ledger import ActLedger
from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.evaluation import mean_metrics
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_task import build_task
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.history_encoder import Past
from recommendation_service.engines.history_model import HistoryModel
from recommendation_service.engines.history_network import audience_likeness
from recommendation_service.engines.history_sides import PeopleSide, StartupSide
from recommendation_service.engines.history_training import HistoryTraining
from recommendation_service.engines.recommender import top_k
from recommendation_service.engines.retrieval import glance
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.timeline import TimeWindow, data_before
from recommendation_service.engines.training import train
from recommendation_service.engines.training_config import history
from recommendation_service.engines.training_session import SilentObserver, TrainingSession
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import (
    Catalogue,
    FloatArray,
    FundingRound,
    Interactions,
    StartupRecord,
    TrainingData,
    UserRecord,
    UserState,
)
from recommendation_service.engines.validation import RankingValidator

CUT = datetime(2025, 4, 1, tzinfo=UTC)
CONFIG = replace(history(), epochs=3, refit=False)
SPLIT = TemporalSplit(validation_from=datetime(2025, 3, 15, tzinfo=UTC), train_until=CUT)
CPU = torch.device("cpu")
STRANGER = UserRecord(id="stranger", role="pilot")


@pytest.fixture(scope="module")
def venture(make_platform: Callable[..., TrainingData]) -> TrainingData:
    """The platform with funding rounds, judged as listed."""
    return make_platform(with_rounds=True)


@pytest.fixture(scope="module")
def fitted(venture: TrainingData) -> TwoTowerRecommender:
    return TwoTowerRecommender(CONFIG).fit(data_before(venture, CUT))


def scores_of(
    recommender: TwoTowerRecommender, data: TrainingData, startups: list[StartupRecord] | None = None
) -> FloatArray:
    catalogue = Catalogue(startups=data.startups if startups is None else startups, as_of=CUT)
    histories = Histories(data)
    return recommender.bind(catalogue).score([histories.state(user, CUT) for user in range(len(data.users))])


def test_it_learns_what_people_like(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    """Members act within their own category; so must the scores."""
    scores = scores_of(fitted, venture)
    own = np.array([[s.category in user.categories for s in venture.startups] for user in venture.users])
    assert scores.dtype == np.float32
    assert scores[own].mean() > scores[~own].mean() + scores.std() / 2


def test_a_step_reads_nothing_back_from_the_device(venture: TrainingData) -> None:
    """A device that computes shapes alone has nothing to read: a GPU would have to wait wherever this one fails."""
    training = HistoryTraining(CONFIG, data_before(venture, CUT), torch.device("meta"))
    fitter, steps = training.fitter, 0
    for batch in fitter._source.batches(torch.Generator().manual_seed(1)):
        loss = fitter._loss.compute(fitter._score(batch), CONFIG.loss)
        loss.backward()
        steps += 1
    assert steps == fitter._source.steps > 1
    assert all(parameter.grad is not None for name, parameter in fitter.network.named_parameters() if "weight" in name)


def test_training_and_serving_see_the_same(venture: TrainingData) -> None:
    """Scores from arrays of a whole dataset are those from the states of people and a catalogue of records."""
    training = HistoryTraining(CONFIG, data_before(venture, CUT), CPU)
    training.fitter.run_epoch(0)
    users, startups = np.arange(len(venture.users)), np.arange(1, len(venture.startups), 2)
    trained = training.score_runs(users, startups, CUT)(slice(0, len(users)))
    vectors = training.vectors(users, startups, CUT)
    catalogue = Catalogue(startups=[venture.startups[row] for row in startups.tolist()], as_of=CUT)
    scorer = TwoTowerRecommender.assemble(CONFIG, training.model()).bind(catalogue)
    histories = Histories(data_before(venture, CUT))
    states = [histories.state(user, CUT) for user in users.tolist()]
    np.testing.assert_allclose(scorer.score(states), trained, rtol=0, atol=1e-5)
    one_by_one = np.concatenate([scorer.score([state]) for state in states])
    np.testing.assert_allclose(one_by_one, trained, rtol=0, atol=1e-5)
    np.testing.assert_allclose(scorer.user_vectors(states), vectors[0], rtol=0, atol=1e-6)
    np.testing.assert_allclose(scorer.startup_vectors, vectors[1], rtol=0, atol=1e-6)


@pytest.mark.parametrize("k", [1, 10])
def test_validation_equals_the_evaluation(venture: TrainingData, k: int) -> None:
    training = HistoryTraining(CONFIG, data_before(venture, CUT), CPU)
    training.fitter.run_epoch(0)
    task = build_task(venture, TimeWindow(start=CUT))
    found = RankingValidator(task, training.score_runs, k=k).ndcg()
    recommender = TwoTowerRecommender.assemble(CONFIG, training.model())
    expected = mean_metrics(recommender, task, EvaluationConfig(ks=(k,)))[f"ndcg@{k}"]
    assert found == pytest.approx(expected, abs=1e-9)


def test_state_round_trips_exactly(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    again = TwoTowerRecommender.from_state(*fitted.to_state())
    np.testing.assert_array_equal(scores_of(again, venture), scores_of(fitted, venture))
    assert again.model.widths == fitted.model.widths


def test_the_future_changes_nothing(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    """Rounds announced and acts done after the moment, and what opened later, must not move a vector by a bit."""
    ahead = FundingRound(announced_on=(CUT + timedelta(days=3)).date(), kind="series-z", amount_usd=1e9)
    told = [replace(startup, rounds=(*startup.rounds, ahead)) for startup in venture.startups]
    np.testing.assert_array_equal(scores_of(fitted, venture, told), scores_of(fitted, venture))
    rows = venture.interactions
    moved = replace(rows, startup=np.where(rows.time >= int(CUT.timestamp() * 1e6), 0, rows.startup).astype(np.int32))
    other = TwoTowerRecommender(CONFIG).fit(data_before(replace(venture, interactions=moved), CUT))
    np.testing.assert_array_equal(scores_of(other, venture), scores_of(fitted, venture))


def test_what_happens_later_in_training_does_not_reach_an_earlier_moment(venture: TrainingData) -> None:
    """An episode's inputs are as of its start: the same as from the acts and rounds up to then alone."""
    early = datetime(2025, 2, 15, tzinfo=UTC)
    users, startups = np.arange(len(venture.users)), np.arange(len(venture.startups))
    encoder = HistoryTraining(CONFIG, data_before(venture, CUT), CPU).model().encoder
    told = [
        replace(startup, rounds=tuple(r for r in startup.rounds if r.announced_on < early.date()))
        for startup in venture.startups
    ]

    def sides(acts: Interactions, records: Sequence[StartupRecord]) -> tuple[PeopleSide, StartupSide]:
        known = encoder.know(records, startups)
        past = Past.of(ActLedger.of(acts, startups, len(startups)), early)
        people = encoder.people(venture.users, ActTable.of_rows(acts, users, early), known, past)
        return people, encoder.startups(known, startups, past, early)

    everything = sides(Histories(venture).acts, venture.startups)
    by_then = sides(Histories(data_before(venture, early)).acts, told)
    for name in ("texts", "gates", "roles"):
        np.testing.assert_array_equal(getattr(everything[0], name), getattr(by_then[0], name))
    np.testing.assert_array_equal(everything[1].numbers, by_then[1].numbers)
    np.testing.assert_array_equal(everything[1].known, by_then[1].known)
    acted_on = np.zeros(len(startups), dtype=np.bool_)
    acted_on[Histories(data_before(venture, early)).acts.startup] = True
    np.testing.assert_array_equal(everything[1].known, np.where(acted_on, startups, -1))
    assert 0 < acted_on.sum() < len(startups), "some must be acted on by then, and some only later"
    np.testing.assert_array_equal(everything[1].facets.toarray(), by_then[1].facets.toarray())
    for one, other in zip(everything[0].facets, by_then[0].facets, strict=True):
        np.testing.assert_array_equal(one.toarray(), other.toarray())
    likeness = [
        audience_likeness(people, slice(0, len(users)), catalogue, CPU) for people, catalogue in (everything, by_then)
    ]
    torch.testing.assert_close(*likeness)


def test_an_act_changes_the_next_answer(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    scorer = fitted.bind(Catalogue(startups=venture.startups, as_of=CUT))
    state = Histories(venture).state(0, CUT)
    shorter = replace(state, history=state.history[:-1])
    assert not np.allclose(scorer.score([state]), scorer.score([shorter]))


def test_acts_on_startups_that_are_gone_still_count(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    """What a person liked need not be in the catalogue: the model remembers its record."""
    state = Histories(venture).state(0, CUT)
    gone = {item.startup_id for item in state.history}
    left = [startup for startup in venture.startups if startup.id not in gone]
    scorer = fitted.bind(Catalogue(startups=left, as_of=CUT))
    places = [place for place, startup in enumerate(venture.startups) if startup.id not in gone]
    whole = fitted.bind(Catalogue(startups=venture.startups, as_of=CUT)).score([state])[:, places]
    np.testing.assert_allclose(scorer.score([state]), whole, atol=1e-5)
    assert not np.allclose(scorer.score([state]), scorer.score([replace(state, history=())]))


def test_a_person_without_anything_and_a_startup_never_seen(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    newcomer = StartupRecord(id="new", opened_at=CUT, category="never heard of")
    scorer = fitted.bind(Catalogue(startups=[newcomer, *venture.startups], as_of=CUT))
    scores = scorer.score([UserState(record=STRANGER)])
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) > 1


def test_an_unknown_startup_is_what_its_features_are(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    """Its own bias and audience are 0, as for startups that nobody acted on: a twin under another id shows it."""
    model = fitted.model
    assert isinstance(model, HistoryModel)
    acted_on = {startup.id for startup in model.startups}
    original = next(startup for startup in venture.startups if startup.id in acted_on)
    twins = [replace(original, id=f"twin-{number}") for number in range(2)]
    vectors = fitted.bind(Catalogue(startups=[original, *twins], as_of=CUT)).startup_vectors
    np.testing.assert_array_equal(vectors[1], vectors[2])
    np.testing.assert_array_equal(vectors[0][:-1], vectors[1][:-1])
    assert vectors[0][-1] != vectors[1][-1]


def test_an_act_on_a_startup_newer_than_the_model_counts(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    newcomer = replace(venture.startups[0], id="new")
    item = replace(Histories(venture).state(0, CUT).history[0], startup_id="new")
    scorer = fitted.bind(Catalogue(startups=[newcomer, *venture.startups], as_of=CUT))
    silent = UserState(record=STRANGER, as_of=CUT)
    assert not np.allclose(scorer.score([silent]), scorer.score([replace(silent, history=(item,))]))


def test_broken_texts_are_missing_texts(venture: TrainingData) -> None:
    broken = np.full(384, np.nan, dtype=np.float32)
    spoiled = [
        replace(startup, embedding=broken) if row % 2 else startup for row, startup in enumerate(venture.startups)
    ]
    absent = [replace(startup, embedding=None) if row % 2 else startup for row, startup in enumerate(venture.startups)]
    one, other = (HistoryTraining(CONFIG, replace(venture, startups=startups), CPU) for startups in (spoiled, absent))
    assert one.missing_startups == other.missing_startups > 0
    losses = [training.fitter.run_epoch(0) for training in (one, other)]
    assert losses[0] == losses[1]


def test_nobody_and_nothing(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    everything = fitted.bind(Catalogue(startups=venture.startups, as_of=CUT))
    assert everything.score([]).shape == (0, len(venture.startups))
    nothing = fitted.bind(Catalogue(startups=[]))
    assert nothing.score([UserState(record=venture.users[0])]).shape == (1, 0)


def test_refit_learns_from_the_validation_window_too(venture: TrainingData) -> None:
    model = train(venture, replace(CONFIG, refit=True), SPLIT)
    assert len(model.refit) == model.search.best.epoch + 1
    searched, refitted = model.searched.model, model.recommender.model
    assert isinstance(searched, HistoryModel)
    assert isinstance(refitted, HistoryModel)
    assert len(refitted.ledger.time) > len(searched.ledger.time)
    assert searched.as_of < SPLIT.train_until
    assert refitted.as_of > searched.as_of
    assert model.collapsed is None


class Power(SilentObserver):
    """Cuts the power after some epochs."""

    def __init__(self, epochs: int) -> None:
        self.left = epochs

    def epoch_done(self, record: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def test_resuming_ends_in_the_same_model(venture: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("checkpoints")
    config = replace(CONFIG, patience=5)
    whole = train(venture, config, SPLIT)
    with pytest.raises(KeyboardInterrupt):
        train(venture, config, SPLIT, TrainingSession(checkpoints=folder, observer=Power(1)))
    resumed = train(venture, config, SPLIT, TrainingSession(checkpoints=folder, resume=True))
    np.testing.assert_allclose(
        [record.loss for record in resumed.search.epochs], [record.loss for record in whole.search.epochs], rtol=1e-6
    )


@pytest.mark.parametrize("damage", ["weights missing", "records damaged", "another version"])
def test_a_state_that_does_not_fit(fitted: TwoTowerRecommender, damage: str) -> None:
    tensors, description = fitted.to_state()
    if damage == "weights missing":
        tensors.pop("network.pool_weight")
    elif damage == "records damaged":
        tensors["startups.records"] = tensors["startups.records"][:-5]
    else:
        description["features"] = {**description["features"], "version": 99}
    with pytest.raises(ModelFileError):
        TwoTowerRecommender.from_state(tensors, description)


def test_scores_become_probabilities(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    """Over the rows of the last episode, what was liked more is likelier, and the mean is the mean label."""
    rows = data_before(venture, CUT).interactions
    late = rows.take(rows.time >= int(datetime(2025, 3, 20, tzinfo=UTC).timestamp() * 1e6))
    scorer = fitted.bind(Catalogue(startups=venture.startups, as_of=CUT))
    probabilities = scorer.probability(scores_of(fitted, venture))[late.user, late.startup]
    assert probabilities[late.label > 0].mean() > probabilities[late.label == 0].mean() + 0.1
    assert abs(probabilities.mean() - late.label.mean()) < 0.2


def test_a_catalogue_that_grew_scores_as_if_bound_at_once(fitted: TwoTowerRecommender, venture: TrainingData) -> None:
    """Changed startups are columns behind the old ones; what people did counts for what the catalogue grew by too."""
    begun = Catalogue(startups=venture.startups[:-6], as_of=CUT)
    renamed = replace(venture.startups[0], category="gaming", tags=("never seen before",), embedding=None)
    grown = begun.changed([*venture.startups[-6:-2], renamed], {venture.startups[1].id}, CUT)
    once_more = grown.changed(venture.startups[-2:], (), CUT)
    histories = Histories(venture)
    states = [histories.state(user, CUT) for user in range(len(venture.users))]
    first = fitted.bind(begun)
    extended = fitted.extend(first, grown)
    twice = fitted.extend(extended, once_more)
    for scorer, catalogue in ((extended, grown), (twice, once_more), (extended, grown)):
        at_once = fitted.bind(Catalogue(startups=catalogue.startups, as_of=CUT, live=catalogue.live))
        np.testing.assert_allclose(scorer.score(states), at_once.score(states), rtol=0, atol=1e-4)
        for state in states[:8]:
            ranking, expected = (one.rank([state], 5, catalogue.mask()) for one in (scorer, at_once))
            np.testing.assert_allclose(ranking.scores, expected.scores, rtol=0, atol=1e-4)
    assert first.score(states).shape == (len(states), len(begun))


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("k", [1, 7, 500])
def test_ranking_one_person_is_the_best_of_the_scores(
    fitted: TwoTowerRecommender, venture: TrainingData, monkeypatch: pytest.MonkeyPatch, compressed: bool, k: int
) -> None:
    monkeypatch.setattr(glance, "_LEAST", 1 if compressed else 10**9)
    first = fitted.bind(Catalogue(startups=venture.startups[:-2], as_of=CUT))
    scorer = fitted.extend(first, Catalogue(startups=venture.startups, as_of=CUT))
    histories = Histories(venture)
    allowed = np.arange(len(venture.startups)) % 4 != 1
    for user in range(len(venture.users)):
        state = histories.state(user, CUT)
        expected = top_k(scorer.score([state]), k, allowed)
        found = scorer.rank([state], k, allowed)
        np.testing.assert_array_equal(found.columns >= 0, expected.columns >= 0)
        np.testing.assert_allclose(found.scores, expected.scores, rtol=0, atol=1e-5)
        picked = found.columns[found.columns >= 0]
        assert len(set(picked.tolist())) == len(picked)
        np.testing.assert_allclose(scorer.score([state])[0, picked], found.scores[found.columns >= 0], atol=1e-5)


@pytest.mark.parametrize(("rate", "kept"), [(0.0, 1.0), (0.3, 0.7), (0.9, 0.1)])
def test_so_many_startups_learn_without_their_own_bias(venture: TrainingData, rate: float, kept: float) -> None:
    """In training some are left to what is known of them, as all that are new will be; in serving none."""
    config = replace(CONFIG, history=replace(CONFIG.history, id_dropout=rate))
    network = HistoryTraining(config, data_before(venture, CUT), CPU).fitter.network
    with torch.no_grad():
        network.id_bias.fill_(1.0)
    numbers, nobody = torch.zeros(4000, len(network.numbers_mean)), torch.full((4000,), -1)
    ids = torch.arange(4000) % (len(network.id_bias) - 1)
    torch.manual_seed(0)
    network.train()
    learning = network.standing(numbers, ids) - network.standing(numbers, nobody)
    assert learning.mean().item() == pytest.approx(kept, abs=0.03)
    network.eval()
    served = network.standing(numbers, ids) - network.standing(numbers, nobody)
    torch.testing.assert_close(served, torch.ones(4000))
