"""Every feature against a plain computation of its definition, pair by pair, on a synthetic platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recommendation_service.engines.content_facets import preferred_facets, startup_facets
from recommendation_service.engines.histories import user_states
from recommendation_service.engines.reranking.feature_table import FEATURE_NAMES, FeatureTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.reranking.platform_memory import PlatformMemory
from recommendation_service.engines.timeline import data_before, from_microseconds
from recommendation_service.engines.types import Catalogue, HistoryItem, StartupRecord, TrainingData, UserState

NOW = datetime(2025, 4, 10, tzinfo=UTC)
COLUMNS = slice(5, 30)
"""Startups outside the catalogue still stand in histories."""


class Question:
    """A catalogue, people, all pairs of them, and their features."""

    def __init__(self, data: TrainingData, users: list[UserState] | None = None) -> None:
        self.data = data_before(data, NOW)
        self.users = user_states(data, np.arange(25), NOW) if users is None else users
        self.startups = list(data.startups[COLUMNS])
        memory = PlatformMemory.of(self.data)
        table = FeatureTable(Moment(Catalogue(startups=self.startups, as_of=NOW), memory))
        self.pairs = Pairs.of_mask(np.ones((len(self.users), len(self.startups)), dtype=np.bool_))
        self.values = table.values(self.users, self.pairs)
        likes = self.data.interactions.take(self.data.interactions.label > 0)
        self.likes = [
            (data.users[user].id, data.startups[startup].id, from_microseconds(time))
            for user, startup, time in zip(likes.user, likes.startup, likes.time, strict=True)
        ]
        self.record = {startup.id: startup for startup in data.startups}

    def __getitem__(self, name: str) -> np.ndarray:
        """[B, N]."""
        return self.values[:, FEATURE_NAMES.index(name)].reshape(len(self.users), len(self.startups))

    def expect(self, name: str, of: Callable[[UserState, StartupRecord], float]) -> None:
        expected = [[of(user, startup) for startup in self.startups] for user in self.users]
        np.testing.assert_allclose(self[name], np.array(expected, dtype=np.float64), rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.fixture(scope="module")
def question(make_platform: Callable[..., TrainingData]) -> Question:
    return Question(make_platform(users=60, startups=40, with_rounds=True, seed=3))


def liked(user: UserState) -> list[HistoryItem]:
    return [item for item in user.history if item.label > 0]


def days(since: datetime) -> float:
    return (NOW - since).total_seconds() / 86_400


def rounds_before(startup: StartupRecord, moment: datetime) -> list:
    return [item for item in startup.rounds if item.announced_on < moment.date()]


def test_every_feature_has_its_own_name(question: Question) -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES) == question.values.shape[1]


def test_what_is_known_of_startups(question: Question) -> None:
    likes_of = {
        startup.id: [when for _, liked_id, when in question.likes if liked_id == startup.id]
        for startup in question.startups
    }
    question.expect("days_since_opening", lambda _, s: days(s.opened_at) if s.opened_at <= NOW else np.nan)
    question.expect("age_days", lambda _, s: days(datetime(2024, 1, 1, tzinfo=UTC)))
    question.expect("rounds", lambda _, s: len(rounds_before(s, NOW)))
    question.expect("raised_usd_log", lambda _, s: np.log1p(1e6 * len(rounds_before(s, NOW))))
    question.expect("last_round_usd_log", lambda _, s: np.log1p(1e6) if rounds_before(s, NOW) else np.nan)
    question.expect(
        "days_since_round",
        lambda _, s: (NOW.date() - rounds_before(s, NOW)[-1].announced_on).days if rounds_before(s, NOW) else np.nan,
    )
    question.expect("likers", lambda _, s: len(likes_of[s.id]))
    question.expect("likers_last_month", lambda _, s: sum(days(when) < 30 for when in likes_of[s.id]))
    question.expect("likers_last_week", lambda _, s: sum(days(when) < 7 for when in likes_of[s.id]))
    question.expect("days_since_like", lambda _, s: days(max(likes_of[s.id])) if likes_of[s.id] else np.nan)
    first = min(when for _, _, when in question.likes)
    question.expect(
        "likes_per_day", lambda _, s: (len(likes_of[s.id]) + 1) / (max(days(max(s.opened_at, first)), 0.0) + 7)
    )


def test_how_far_people_go(question: Question) -> None:
    """Against what is usual for the same people; five likes of the mean steady both."""
    rows = question.data.interactions.take(question.data.interactions.label > 0)
    mean = float(rows.label.mean(dtype=np.float64))
    usual = {
        user: (rows.label[rows.user == user].sum() + 5 * mean) / ((rows.user == user).sum() + 5) for user in rows.user
    }

    def lift(startup: StartupRecord) -> float:
        of_it = [row for row, number in enumerate(rows.startup) if question.data.startups[number].id == startup.id]
        return sum(float(rows.label[row]) - usual[rows.user[row]] for row in of_it) / (len(of_it) + 5)

    question.expect("label_lift", lambda _, s: lift(s))


def test_trends_of_kind_and_place(question: Question) -> None:
    def same(s: StartupRecord) -> list[datetime]:
        return [when for _, other, when in question.likes if question.record[other].category == s.category]

    question.expect("likes_category", lambda _, s: len(same(s)))
    question.expect("growth_category", lambda _, s: (len(same(s)) + 1) / (len(same(s)) + 5))


def test_how_active_a_person_is(question: Question) -> None:
    question.expect("acts", lambda u, _: len(liked(u)))
    question.expect("acts_last_quarter", lambda u, _: sum(days(item.time) < 92 for item in liked(u)))
    question.expect("days_since_act", lambda u, _: days(liked(u)[-1].time) if liked(u) else np.nan)


def test_shares_of_facets(question: Question) -> None:
    def share(facets_of: list[tuple[list, float]], startup: StartupRecord, kind: str) -> float:
        own = {facet for facet in startup_facets(startup) if facet[0] == kind}
        total = sum(weight for facets, weight in facets_of for facet in facets if facet[0] == kind)
        hit = sum(weight for facets, weight in facets_of for facet in facets if facet in own)
        return hit / total if total else 0.0

    def history(user: UserState, half_life: float | None) -> list[tuple[list, float]]:
        return [
            (
                startup_facets(question.record[item.startup_id]),
                item.label * (1.0 if half_life is None else 0.5 ** (days(item.time) / half_life)),
            )
            for item in liked(user)
        ]

    for kind in ("category", "city", "type"):
        question.expect(f"liked_{kind}", lambda u, s, kind=kind: share(history(u, None), s, kind))
        question.expect(f"liked_lately_{kind}", lambda u, s, kind=kind: share(history(u, 365.0), s, kind))


def test_what_a_person_asks_for(question: Question) -> None:
    question.expect("asked_category", lambda u, s: float(("category", s.category) in preferred_facets(u.record)))


def test_the_place_of_a_category_among_those_asked_for(question: Question) -> None:
    def place(user: UserState, startup: StartupRecord) -> float:
        asked = list(dict.fromkeys(category.lower() for category in user.record.categories))
        return asked.index(startup.category.lower()) + 1 if startup.category.lower() in asked else np.nan

    question.expect("category_place", place)
    assert np.isfinite(question["category_place"]).any()


def test_what_of_a_startup_is_covered_by_what_a_person_asks_for(question: Question) -> None:
    def covered(user: UserState, startup: StartupRecord, kind: str) -> float:
        has = {facet for facet in startup_facets(startup) if facet[0] == kind}
        return len(has & set(preferred_facets(user.record))) / len(has) if has else np.nan

    for kind in ("tag", "skill"):
        question.expect(f"covered_{kind}", lambda u, s, kind=kind: covered(u, s, kind))
    assert (question["covered_tag"] > 0).any()


def test_what_types_people_of_a_role_turn_to(question: Question) -> None:
    role_of = {user.id: user.role for user in question.data.users}
    acts = [(role_of[user], question.record[startup].type) for user, startup, _ in question.likes]
    types = {startup.type for startup in question.data.startups}

    def lift(user: UserState, startup: StartupRecord) -> float:
        overall = (sum(kind == startup.type for _, kind in acts) + 1) / (len(acts) + len(types))
        own = [kind for role, kind in acts if role == user.record.role]
        share = (own.count(startup.type) + 20 * overall) / (len(own) + 20)
        return float(np.log(share / overall))

    question.expect("role_type", lift)


def test_a_role_that_nobody_remembers_is_not_known(make_platform: Callable[..., TrainingData]) -> None:
    data = make_platform(users=60, startups=40, seed=3)
    found = Question(data, [UserState(record=replace(data.users[0], role="visitor"))])
    assert np.isnan(found["role_type"]).all()


def test_cosines_of_texts(question: Question) -> None:
    def cosine(one: np.ndarray | None, other: np.ndarray | None) -> float:
        if one is None or other is None or not one.any():
            return 0.0
        return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))

    def texts(user: UserState) -> list[tuple[np.ndarray, float]]:
        found = [(question.record[item.startup_id].embedding, item.label) for item in liked(user)]
        return [(text, label) for text, label in found if text is not None]

    def mean(user: UserState) -> np.ndarray | None:
        return np.sum([text * label for text, label in texts(user)], axis=0) if texts(user) else None

    question.expect("text_of_person", lambda u, s: cosine(u.record.embedding, s.embedding))
    question.expect("text_of_liked", lambda u, s: cosine(mean(u), s.embedding))
    question.expect(
        "text_of_nearest_liked", lambda u, s: max([0.0, *(cosine(text, s.embedding) for text, _ in texts(u))])
    )


def test_stages_at_which_a_person_comes_in(question: Question) -> None:
    def share(user: UserState, startup: StartupRecord) -> float:
        now = len(rounds_before(startup, NOW))
        then = [(len(rounds_before(question.record[item.startup_id], item.time)), item.label) for item in liked(user)]
        total = sum(label for _, label in then)
        return sum(label for rounds, label in then if rounds == now) / total if total else 0.0

    question.expect("same_rounds", share)


def test_people_who_act_together(question: Question) -> None:
    startups_of: dict[str, set[str]] = {}
    likers_of: dict[str, set[str]] = {}
    for user, startup, _ in question.likes:
        startups_of.setdefault(user, set()).add(startup)
        likers_of.setdefault(startup, set()).add(user)

    def close(user: UserState, startup: StartupRecord) -> list[float]:
        own = {item.startup_id for item in liked(user)}
        others = likers_of.get(startup.id, set()) - {user.record.id}
        return [
            len(own & startups_of[other]) / np.sqrt(len(own) * len(startups_of[other])) if own else 0.0
            for other in others
        ]

    question.expect("co_actors_sum", lambda u, s: sum(close(u, s)))
    question.expect("co_actors_max", lambda u, s: max([0.0, *close(u, s)]))
    question.expect("co_actors", lambda u, s: sum(value > 0 for value in close(u, s)))


def test_the_future_is_not_seen(make_platform: Callable[..., TrainingData], question: Question) -> None:
    """Rounds announced today or later stand in the records, and change no feature."""
    data = make_platform(users=60, startups=40, with_rounds=True, seed=3)
    later = tuple(
        replace(item, announced_on=(NOW + timedelta(days=add)).date())
        for startup in data.startups
        for item in startup.rounds[:1]
        for add in (0, 9)
    )
    startups = [replace(startup, rounds=(*startup.rounds, *later)) for startup in data.startups]
    with_more = Question(replace(data, startups=startups))
    np.testing.assert_array_equal(with_more.values, question.values)


def test_people_without_history_have_features(make_platform: Callable[..., TrainingData]) -> None:
    data = make_platform(users=60, startups=40, seed=3)
    found = Question(data, [UserState(record=user) for user in data.users[:3]])
    assert (found["acts"] == 0).all()
    assert np.isnan(found["days_since_act"]).all()
