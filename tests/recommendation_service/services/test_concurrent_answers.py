"""Many ask while people act and startups come and go: every answer is one that a service without a memory gives."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from recommendation_service.engines.types import StartupRecord, TrainingData, UserRecord
from recommendation_service.services.page_cursor import PageCursor
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.user_states import UserReadConfig, UserStates
from tests.recommendation_service.conftest import DonePair

NOW = datetime(2025, 6, 1, tzinfo=UTC)
CHANGES = 120
ASKING = 4
PEOPLE_ASKED = 6
LIMITS = (3, 8)
KINDS = ("like", "dislike", "apply")
Items = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class World:
    """What the platform held after one change."""

    startups: Sequence[StartupRecord]
    users: dict[str, UserRecord]
    acts: Sequence[DonePair]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question, what came back, and which worlds there were meanwhile, from the first to the last.

    Attributes:
        following: The page behind, where nothing changed until it was there.
    """

    user_id: str
    limit: int
    items: Items
    first: int
    last: int
    following: Items | None = None


class History:
    """Worlds in order; the one that is being made counts as begun and not as ended."""

    def __init__(self, database: Any, service: RecommendationService, rng: random.Random) -> None:
        self.database, self._service, self._rng = database, service, rng
        self._all = list(database.startups)
        self.people = sorted(database.users)[:PEOPLE_ASKED]
        self.worlds = [self._world()]
        self.begun = self.ended = 0

    def change(self) -> None:
        """One more world: somebody acted, edited their profile, or a startup was hidden or shown again."""
        self.begun += 1
        self._rng.choice((self._act, self._act, self._edit, self._hide))()
        self.worlds.append(self._world())
        self.ended += 1

    def _act(self) -> None:
        startup = self._rng.choice(self._all)
        pair = self.database.acts[0]
        outcome = replace(pair.outcome, type=type(pair.outcome.type)(self._rng.choice(KINDS)))
        act = DonePair(user_id=self._rng.choice(self.people), startup_id=startup.id, outcome=outcome)
        kept = [one for one in self.database.acts if (one.user_id, one.startup_id) != (act.user_id, act.startup_id)]
        self.database.acts = [*kept, act]

    def _edit(self) -> None:
        user_id = self._rng.choice(self.people)
        categories = (self._rng.choice(self._all).category,)
        edited = replace(self.database.users[user_id], categories=categories)
        self.database.users = {**self.database.users, user_id: edited}

    def _hide(self) -> None:
        hidden = set(self._rng.sample([startup.id for startup in self._all], 5))
        self.database.change([startup for startup in self._all if startup.id not in hidden])
        self._service.keeper.refresh()

    def _world(self) -> World:
        return World(startups=self.database.startups, users=self.database.users, acts=self.database.acts)


class Reference:
    """Answers of services that were asked nothing before, of what was open in one world to people of another."""

    def __init__(self, worlds: Sequence[World], make_database: Any) -> None:
        self._worlds = worlds
        self._make_database = make_database
        self._known: dict[tuple[int, int], RecommendationService] = {}

    def items(self, asked: Asked, limit: int) -> Iterator[Items]:
        """Every list that may have been answered."""
        worlds = range(asked.first, asked.last + 1)
        for catalogue in worlds:
            for people in worlds:
                answer = self._service(catalogue, people).recommend(asked.user_id, limit)
                yield as_json(answer)["items"]

    def _service(self, catalogue: int, people: int) -> RecommendationService:
        """The catalogue, with what trends in it, is of the latest world in which a startup was hidden."""
        while catalogue and self._worlds[catalogue].startups is self._worlds[catalogue - 1].startups:
            catalogue -= 1
        if (catalogue, people) not in self._known:
            database = self._make_database()
            self._hold(database, self._worlds[catalogue])
            service = RecommendationService(database, enable_two_tower=False, users=patient(database), clock=now)
            service.keeper.refresh()
            self._hold(database, replace(self._worlds[people], startups=database.startups))
            self._known[catalogue, people] = service
        return self._known[catalogue, people]

    @staticmethod
    def _hold(database: Any, world: World) -> None:
        database.startups, database.users, database.acts = world.startups, world.users, world.acts


def now() -> datetime:
    return NOW


def patient(database: Any) -> UserStates:
    """How fast people are read is not what is tested."""
    return UserStates(database, UserReadConfig(deadline=timedelta(minutes=1)))


def as_json(answer: Any) -> Any:
    return json.loads(answer.model_dump_json())


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads that take turns thousands of times as often as they would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
@pytest.mark.parametrize("seed", range(3))
def test_every_answer_is_what_a_service_without_a_memory_says(
    platform: TrainingData, fake_database: Any, seed: int
) -> None:
    service = RecommendationService(fake_database, enable_two_tower=False, users=patient(fake_database), clock=now)
    service.keeper.refresh()
    history, done = History(fake_database, service, random.Random(seed)), Event()

    def ask(number: int) -> list[Asked]:
        rng = random.Random(f"{seed}-{number}")
        answers: list[Asked] = []
        while not done.is_set() or len(answers) < 10:
            answers.append(answered(service, history, rng))
        return answers

    def change() -> None:
        try:
            for _ in range(CHANGES):
                history.change()
        finally:
            done.set()

    with ThreadPoolExecutor(ASKING + 1) as pool:
        changing = pool.submit(change)
        asking = [pool.submit(ask, number) for number in range(ASKING)]
        answers = [asked for future in asking for asked in future.result()]
        changing.result()
    assert len(history.worlds) == CHANGES + 1
    reference = Reference(history.worlds, lambda: type(fake_database)(platform))
    for asked in answers:
        assert any(asked.items == items for items in reference.items(asked, asked.limit)), asked
        if asked.following is not None:
            (whole,) = reference.items(asked, 2 * asked.limit)
            assert asked.items + asked.following == whole


def answered(service: RecommendationService, history: History, rng: random.Random) -> Asked:
    """Somebody's list, as JSON from memory or as objects, and now and then its next page."""
    user_id, limit, first = rng.choice(history.people), rng.choice(LIMITS), history.ended
    if rng.random() < 0.7:
        told = json.loads(service.recommend_json(UUID(user_id), limit))
    else:
        told = as_json(service.recommend(user_id, limit))
    last = history.begun
    assert told["user_id"] == user_id
    assert not told["degraded"], told["degraded_reason"]
    asked = Asked(user_id=user_id, limit=limit, items=told["items"], first=first, last=last)
    if told["next_cursor"] is None:
        return asked
    following = service.recommend(user_id, limit, cursor=PageCursor.decode(told["next_cursor"]))
    assert str(following.request_id) == told["request_id"]
    unchanged = first == history.begun
    return replace(asked, following=as_json(following)["items"] if unchanged else None)
