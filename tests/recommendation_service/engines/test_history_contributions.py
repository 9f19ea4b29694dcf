"""What each act makes up of a score, beside the same worked out act by act from the network's own weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest
import torch

from contracts.api import Rung
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.history_model import BoundHistories, HistoryModel
from recommendation_service.engines.history_network import TEXT_STEP, PeopleTensors
from recommendation_service.engines.history_sides import AUDIENCE_POOLS, FACET_POOLS, TEXT_POOLS
from recommendation_service.engines.reasons import CLOSE_FROM, LIKED_FROM, ReasonContext, explain
from recommendation_service.engines.similarity import StartupSimilarity
from recommendation_service.engines.timeline import data_before, to_microseconds
from recommendation_service.engines.training_config import history
from recommendation_service.engines.two_tower import TwoTowerRecommender, TwoTowerScorer
from recommendation_service.engines.types import Catalogue, FloatArray, HistoryItem, TrainingData, UserRecord, UserState

CUT = datetime(2025, 4, 1, tzinfo=UTC)
OF_ACTS = tuple(pool for pool in FACET_POOLS if pool not in ("said", "said_first"))


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Trained towers, half of the startups, and people whose histories name all of them."""

    scorer: TwoTowerScorer
    people: list[UserState]

    @property
    def towers(self) -> BoundHistories:
        assert isinstance(self.scorer.towers, BoundHistories)
        return self.scorer.towers

    @property
    def model(self) -> HistoryModel:
        return self.towers._model


@pytest.fixture(scope="module")
def bound(make_platform: Callable[..., TrainingData]) -> Bound:
    data = make_platform(with_rounds=True)
    recommender = TwoTowerRecommender(replace(history(), epochs=6, refit=False)).fit(data_before(data, CUT))
    histories = Histories(data)
    people = [histories.state(user, CUT) for user in range(len(data.users))]
    unheard = HistoryItem(startup_id="never heard of", kind="like", label=0.8, time=datetime(2025, 1, 1, tzinfo=UTC))
    odd = replace(people[0], history=(unheard, *people[0].history))
    return Bound(
        scorer=recommender.bind(Catalogue(startups=data.startups[::2], as_of=CUT)),
        people=[odd, *(person for person in people[1:] if person.history)],
    )


def known_acts(bound: Bound, person: UserState) -> list[HistoryItem]:
    return [item for item in person.history if item.startup_id in bound.towers.known.row_of]


def share(items: Sequence[HistoryItem], pool: str, half_life: float) -> FloatArray:
    """What each act counts in a pool, by the definition of the pool."""
    counts = {
        "liked": lambda item: item.label,
        "recent": lambda item: item.label * 0.5 ** ((CUT - item.time).total_seconds() / 86_400 / half_life),
        "strong": lambda item: float(item.label >= LIKED_FROM),
        "viewed": lambda item: item.label * (item.kind == "view"),
        "disliked": lambda item: float(item.label == 0),
    }
    weights = np.array([counts[pool](item) for item in items])
    return weights / (weights.sum() + 1)


@torch.no_grad()
def worked_out(bound: Bound, person: UserState, columns: Sequence[int]) -> FloatArray:
    """[K, E]: the terms of the score, for one act and one startup at a time."""
    towers, network, encoder = bound.towers, bound.model.network, bound.model.encoder
    items = known_acts(bound, person)
    likes = sum(item.label > 0 for item in items)
    gates = np.array([1, np.log1p(likes), likes == 0]) - network.gates_mean.numpy()
    kind_of = np.array(encoder.vocabulary.kind_of)
    by_facet = network.pool_weight.numpy() @ gates
    worth = by_facet[:, kind_of] * network.rarity.numpy() * np.exp(network.facet_weight.numpy()[0])
    of_texts = TEXT_STEP * (network.text_weight.numpy() @ gates)
    alike = (network.audience_weight.numpy() / network.audience_deviation.numpy()[:, None]) @ gates
    pools = {pool: share(items, pool, encoder.half_life_days) for pool in OF_ACTS if pool != "liked_often"}

    rows = np.array([towers.known.row_of[item.startup_id] for item in items])
    counts = towers.known.facets(rows, np.array([to_microseconds(item.time) for item in items])).toarray()
    had_then = np.divide(1, np.sqrt(counts), out=np.zeros_like(counts), where=counts > 0)
    often = np.array([item.label for item in items]) @ had_then
    nobody = towers.past.audience.shape[0] - 1
    audience = towers.past.audience.toarray()
    liked_by = [
        audience[towers.known.acted_on[row]] if towers.known.acted_on[row] >= 0 else audience[nobody] for row in rows
    ]
    texts = towers.known.texts[rows]

    side = encoder.startups(towers.known, np.arange(len(towers.serving)), towers.past, CUT)
    now = side.facets.toarray()
    has = np.divide(1, now ** network.power.numpy()[kind_of], out=np.zeros_like(now), where=now > 0)
    found = np.zeros((len(columns), len(items)))
    for place, column in enumerate(columns):
        for act, item in enumerate(items):
            for pool, shares in pools.items():
                found[place, act] += shares[act] * (worth[FACET_POOLS.index(pool)] * had_then[act]) @ has[column]
            for facet in np.flatnonzero(had_then[act] * item.label):
                part = item.label * had_then[act, facet] / often[facet] * np.log1p(often[facet])
                found[place, act] += worth[FACET_POOLS.index("liked_often"), facet] * part * has[column, facet]
            for pool in ("liked", "recent"):
                cosine = texts[act] @ side.texts[column]
                found[place, act] += of_texts[TEXT_POOLS.index(pool)] * pools[pool][act] * cosine
                likeness = liked_by[act] @ side.audience.toarray()[column]
                found[place, act] += alike[AUDIENCE_POOLS.index(pool)] * pools[pool][act] * likeness
    return found


@torch.no_grad()
def apart_from_acts(bound: Bound, person: UserState) -> FloatArray:
    """[N]: what the person says of themselves and what is the startups' own, with the gates as they are."""
    tensors = PeopleTensors.of(bound.towers._people([person]), slice(0, 1), torch.device("cpu"))
    facets, texts = tensors.facets.clone(), tensors.texts.clone()
    facets[[FACET_POOLS.index(pool) for pool in OF_ACTS]] = 0
    texts[[TEXT_POOLS.index(pool) for pool in ("liked", "recent")]] = 0
    said = bound.model.network.user_vectors(replace(tensors, facets=facets, texts=texts)).numpy()
    return bound.scorer.startup_vectors @ said[0]


def ids_of(bound: Bound, person: UserState) -> list[str]:
    return [item.startup_id for item in known_acts(bound, person)]


def test_acts_and_words_and_what_is_the_startups_own_are_the_score(bound: Bound) -> None:
    columns = np.arange(len(bound.towers.serving))
    for person in bound.people:
        told = bound.scorer.contributions(person, columns, ids_of(bound, person))
        assert told is not None
        assert told.engine == "two_tower"
        total = told.parts.sum(axis=1) + apart_from_acts(bound, person)
        np.testing.assert_allclose(total, bound.scorer.score([person])[0], rtol=1e-4, atol=1e-4)
        assert np.abs(told.parts).max() > 0.01


def test_each_part_is_what_its_act_adds(bound: Bound) -> None:
    columns = [1, 4, 0, 17]
    for person in bound.people[:8]:
        told = bound.scorer.contributions(person, np.array(columns), ids_of(bound, person))
        assert told is not None
        np.testing.assert_allclose(told.parts, worked_out(bound, person, columns), rtol=1e-3, atol=1e-5)


def test_some_acts_are_told_as_among_all(bound: Bound) -> None:
    """Whichever are asked for, in whichever order; what was never done, or to what nobody knows, makes up nothing."""
    person, columns = bound.people[0], np.array([2, 3])
    ids = ids_of(bound, person)
    everything = bound.scorer.contributions(person, columns, ids)
    some = bound.scorer.contributions(person, columns, [ids[2], "never heard of", ids[0], "nobody's"])
    assert everything is not None
    assert some is not None
    np.testing.assert_allclose(some.parts[:, [0, 2]], everything.parts[:, [2, 0]], atol=1e-6)
    assert not some.parts[:, [1, 3]].any()


def test_what_was_done_twice_counts_twice(bound: Bound) -> None:
    person = bound.people[1]
    (first, *others) = known_acts(bound, person)
    twice = replace(person, history=(first, first, *others))
    told = bound.scorer.contributions(twice, np.arange(5), [first.startup_id])
    assert told is not None
    np.testing.assert_allclose(told.parts[:, 0], worked_out(bound, twice, range(5))[:, :2].sum(axis=1), atol=1e-5)


@pytest.mark.parametrize("columns", [[], [3]], ids=["no startup", "one startup"])
def test_nothing_to_tell(bound: Bound, columns: list[int]) -> None:
    nobody = UserState(record=UserRecord(id="u", role="student"), as_of=CUT)
    told = bound.scorer.contributions(nobody, np.array(columns, dtype=np.int64), [])
    assert told is not None
    assert told.parts.shape == (len(columns), 0)


def test_close_to_names_what_makes_up_most_of_the_score_among_what_was_liked(bound: Bound) -> None:
    catalogue = bound.scorer.catalogue
    similarity = StartupSimilarity(catalogue)
    context = ReasonContext(catalogue=catalogue, similarity=similarity, trends={}, trend_days=90)
    columns = list(range(0, len(catalogue), 2))
    named = not_the_nearest = 0
    for person in bound.people[:30]:
        done = known_acts(bound, person)
        liked = [
            act for act, item in enumerate(done) if item.label >= LIKED_FROM and item.startup_id in catalogue.index_of
        ]
        if not liked:
            continue
        rows = np.array([catalogue.index_of[done[act].startup_id] for act in liked])
        parts = worked_out(bound, person, columns)[:, liked]
        cosines = similarity.text_cosine(np.array(columns), rows)
        reasons = explain(context, person, columns, Rung.TWO_TOWER, CUT, bound.scorer)
        for part, cosine, why in zip(parts, cosines, reasons, strict=True):
            most = int(part.argmax())
            named_one = [[done[liked[most]].startup_id, "two_tower"]]
            said = [one.values for one in why if one.kind == "close_to"]
            assert said == (named_one if part[most] > 0 and cosine[most] >= CLOSE_FROM else [])
            named += len(said)
            not_the_nearest += bool(said) and int(cosine.argmax()) != most
    assert named > 20
    assert not_the_nearest > 5
