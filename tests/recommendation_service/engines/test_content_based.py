from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from recommendation_service.engines.content_based import ContentBasedRecommender, ContentConfig
from recommendation_service.engines.content_facets import preferred_facets, shared_facets, startup_facets
from recommendation_service.engines.errors import ConfigError, NotFittedError
from recommendation_service.engines.types import (
    Catalogue,
    FloatArray,
    HistoryItem,
    Location,
    Position,
    StartupRecord,
    TrainingData,
    UserRecord,
    UserState,
)

OPENED = datetime(2025, 1, 1, tzinfo=UTC)


def direction(axis: int) -> FloatArray:
    vector = np.zeros(384, dtype=np.float32)
    vector[axis] = 2.0
    return vector


def startup(name: str, **values: object) -> StartupRecord:
    return replace(StartupRecord(id=name, opened_at=OPENED), **values)  # type: ignore[arg-type]


STARTUPS = [
    startup(
        "fintech-berlin", category="Fintech", location=Location(country="DEU", city="Berlin"), embedding=direction(0)
    ),
    startup(
        "fintech-paris", category="fintech", location=Location(country="FRA", city="Paris"), embedding=direction(1)
    ),
    startup(
        "health-berlin", category="health", location=Location(country="DEU", city="berlin "), embedding=direction(2)
    ),
    startup("health-paris", category="health", location=Location(country="FRA", city="Paris")),
    startup("nothing-known"),
]


@pytest.fixture
def data(platform: TrainingData) -> TrainingData:
    return replace(platform, startups=STARTUPS, interactions=platform.interactions.take(np.array([], dtype=np.intp)))


def liked(*names: str, kind: str = "interest", label: float = 1.0) -> tuple[HistoryItem, ...]:
    return tuple(HistoryItem(startup_id=name, kind=kind, label=label, time=OPENED) for name in names)


def best(data: TrainingData, user: UserState, config: ContentConfig | None = None) -> list[str]:
    """Everything that scores above 0, best first."""
    scores = ContentBasedRecommender(config).fit(data).bind(Catalogue(startups=STARTUPS)).score([user])[0]
    return [STARTUPS[column].id for column in np.argsort(-scores, kind="stable") if scores[column] > 0]


def test_preferences_rank_for_a_new_person(data: TrainingData) -> None:
    user = UserRecord(id="u", role="investor", categories=("FinTech",), location=Location(country="FRA", city="Paris"))
    assert best(data, UserState(record=user))[0] == "fintech-paris"


def test_what_was_liked_ranks_what_is_like_it(data: TrainingData) -> None:
    user = UserState(record=UserRecord(id="u", role="investor"), history=liked("health-berlin"))
    ranked = best(data, user)
    assert ranked[0] == "health-berlin"
    assert set(ranked[1:]) == {"health-paris", "fintech-berlin"}


def test_text_alone_ranks(data: TrainingData) -> None:
    user = UserState(record=UserRecord(id="u", role="investor", embedding=direction(1)))
    assert best(data, user) == ["fintech-paris"]


def test_the_text_of_what_was_liked_ranks(data: TrainingData) -> None:
    user = UserState(record=UserRecord(id="u", role="investor"), history=liked("health-berlin"))
    without_text = best(data, user, ContentConfig(text=0.0))
    assert best(data, user, ContentConfig(text=1000.0))[0] == "health-berlin"
    assert set(without_text) == {"health-berlin", "health-paris", "fintech-berlin"}


def test_dislikes_pull_nothing_up(data: TrainingData) -> None:
    user = UserState(
        record=UserRecord(id="u", role="investor"), history=liked("health-berlin", kind="dislike", label=0.0)
    )
    assert best(data, user) == []


def test_a_liked_startup_outside_the_catalogue_still_counts(data: TrainingData) -> None:
    scorer = ContentBasedRecommender().fit(data).bind(Catalogue(startups=STARTUPS[2:]))
    user = UserState(record=UserRecord(id="u", role="investor"), history=liked("fintech-berlin"))
    scores = scorer.score([user])[0]
    assert scores.argmax() == 0
    assert scores[1] == 0.0


def test_a_startup_that_was_never_seen_is_ranked(data: TrainingData) -> None:
    new = startup("new", category="biotech", location=Location(city="Oslo"))
    scorer = ContentBasedRecommender().fit(data).bind(Catalogue(startups=[*STARTUPS, new]))
    user = UserState(record=UserRecord(id="u", role="investor", categories=("biotech",)))
    assert scorer.score([user])[0].argmax() == len(STARTUPS)


def test_nothing_known_is_nothing_said(data: TrainingData) -> None:
    scorer = ContentBasedRecommender().fit(data).bind(Catalogue(startups=STARTUPS))
    nobody = UserState(record=UserRecord(id="u", role="investor", categories=("unheard of",)))
    somebody = UserState(record=UserRecord(id="v", role="investor", categories=("health",)))
    scores = scorer.score([nobody, somebody])
    assert np.isnan(scores[0]).all()
    assert np.isfinite(scores[1]).all()
    assert (scorer.rank([nobody], 3).columns == -1).all()


def test_batches_score_like_single_people(platform: TrainingData) -> None:
    scorer = ContentBasedRecommender().fit(platform).bind(Catalogue(startups=platform.startups))
    users = [UserState(record=user) for user in platform.users[:7]]
    together = scorer.score(users)
    for row, user in enumerate(users):
        np.testing.assert_allclose(scorer.score([user])[0], together[row], rtol=1e-5)


def test_score_by_hand(data: TrainingData) -> None:
    """Two of five startups have each category; nobody acted, so each of two categories has a share of 1/2.

    One act against preferences worth two: a third of the profile is what was done, two thirds what is said.
    """
    user = UserState(record=UserRecord(id="u", role="investor", categories=("health",)), history=liked("health-paris"))
    scorer = ContentBasedRecommender(ContentConfig(preference_acts=2.0)).fit(data).bind(Catalogue(startups=STARTUPS))
    value = np.log(2)
    expected = [0.0, value / 3 + value / 3, value, value / 3 + value / 3 + value, 0.0]
    np.testing.assert_allclose(scorer.score([user])[0], expected, rtol=1e-6)


def test_preferences_fade_behind_what_people_do(data: TrainingData) -> None:
    record = UserRecord(id="u", role="investor", categories=("fintech",), embedding=direction(0))
    assert best(data, UserState(record=record))[0] == "fintech-berlin"
    many = tuple(replace(item, label=10.0) for item in liked("health-paris", "health-berlin"))
    assert best(data, UserState(record=record, history=many))[0].startswith("health")


def test_preferences_worth_nothing_still_serve_nobody_wrong(data: TrainingData) -> None:
    user = UserState(record=UserRecord(id="u", role="investor", categories=("health",)))
    assert best(data, user, ContentConfig(preference_acts=0.0))[:2] == ["health-berlin", "health-paris"]


def test_rare_facets_tell_more(platform: TrainingData) -> None:
    """Nine of ten startups that people acted on are in the USA, one in Oslo's NOR."""
    startups = [startup(f"s{n}", location=Location(country="USA" if n else "NOR")) for n in range(10)]
    rows = platform.interactions.take(np.arange(10))
    acts = replace(rows, startup=np.arange(10, dtype=np.int32))
    scorer = ContentBasedRecommender().fit(replace(platform, startups=startups, interactions=acts))
    user = UserState(record=UserRecord(id="u", role="student"), history=liked("s0", "s1"))
    assert scorer.bind(Catalogue(startups=startups)).score([user])[0].argmax() == 0


def test_must_learn_first() -> None:
    with pytest.raises(NotFittedError, match="call fit"):
        ContentBasedRecommender().bind(Catalogue(startups=STARTUPS))


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_impossible_weights_are_refused(value: float) -> None:
    with pytest.raises(ConfigError, match="content setting text must be at least 0"):
        ContentConfig(text=value)


def test_facets_are_normalised_and_distinct() -> None:
    position = Position(title="Engineer", requirements="C++, Python; machine learning")
    closed = Position(title="Lawyer", is_active=False)
    found = startup_facets(startup("s", tags=("AI", "ai "), positions=(position, closed), category=" "))
    assert found == [
        ("tag", "ai"),
        ("skill", "engineer"),
        ("skill", "c++"),
        ("skill", "python"),
        ("skill", "machine"),
        ("skill", "learning"),
    ]


def test_shared_facets_name_what_a_reason_may_say() -> None:
    user = UserRecord(
        id="u", role="student", skills=("Python", "Sales"), tags=("AI",), location=Location(city="Berlin")
    )
    offer = startup("s", tags=("ai",), positions=(Position(title="Python engineer"),), location=Location(city="Berlin"))
    assert shared_facets(user, offer) == {"tag": ["ai"], "skill": ["python"], "city": ["berlin"]}
    assert preferred_facets(user)[:1] == (("tag", "ai"),)


def test_contributions_of_what_was_liked_add_up_to_the_score(platform: TrainingData) -> None:
    catalogue = Catalogue(startups=platform.startups)
    scorer = ContentBasedRecommender().fit(platform).bind(catalogue)
    names = [one.id for one in platform.startups[:7]]
    history = (*liked(*names[:4]), *liked(*names[4:], kind="like", label=0.8))
    user = UserState(record=UserRecord(id="u", role=""), history=history)
    columns = np.arange(len(platform.startups))
    parts = scorer.contributions(user, columns, names).parts
    assert parts.shape == (len(columns), len(names))
    np.testing.assert_allclose(parts.sum(axis=1), scorer.score([user])[0], rtol=1e-4, atol=1e-5)
    assert len(set(parts.argmax(axis=1).tolist())) > 1


def test_what_a_person_says_of_themselves_is_the_rest_of_the_score(platform: TrainingData) -> None:
    catalogue = Catalogue(startups=platform.startups)
    scorer = ContentBasedRecommender().fit(platform).bind(catalogue)
    names = [one.id for one in platform.startups[:3]]
    talker = UserState(record=platform.users[0], history=liked(*names))
    silent = UserState(record=UserRecord(id="u", role=""), history=liked(*names))
    columns = np.arange(5, 20)
    np.testing.assert_allclose(
        scorer.contributions(talker, columns, names).parts,
        scorer.contributions(silent, columns, names).parts,
        rtol=1e-5,
    )
