"""Every reason of every list is checked against the records, by rules written here anew."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from contracts.api import Reason
from recommendation_service.engines.types import StartupRecord, UserState
from recommendation_service.services.recommendation_service import RecommendationService

NOW = datetime(2025, 5, 1, tzinfo=UTC)


def same(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()


def chosen(values: list[str], said: tuple[str, ...], offered: tuple[str, ...]) -> bool:
    return bool(values) and all(value in offered and any(same(value, one) for one in said) for value in values)


def cosine(one: StartupRecord, other: StartupRecord) -> float:
    if one.embedding is None or other.embedding is None:
        return 0.0
    lengths = float(np.linalg.norm(one.embedding) * np.linalg.norm(other.embedding))
    return float(one.embedding @ other.embedding) / lengths


class Checker:
    """What must hold for each kind of reason."""

    def __init__(self, database: Any) -> None:
        self.startups = {startup.id: startup for startup in database.startups}
        self.interested = Counter(pair.startup_id for pair in database.acts if pair.outcome.label >= 0.8)

    def holds(self, reason: Reason, user: UserState, startup: StartupRecord) -> bool:
        check = getattr(self, reason.kind)
        return bool(check(reason.values, user, startup)) and self.is_for_members(reason)

    def is_for_members(self, reason: Reason) -> bool:
        return not re.search(r"[a-z0-9]_[a-z0-9]|[0-9a-f]{8}-", reason.text) and len(reason.text) < 200

    def close_to(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        named, engine = values
        return engine == "content_based" and self.close_text([named], user, startup)

    def close_text(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        liked = {item.startup_id for item in user.history if item.label >= 0.8}
        (named,) = values
        return named in liked and named != startup.id and cosine(self.startups[named], startup) >= 0.5 - 1e-6

    def shared_skills(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        asked = [f"{one.title} {one.requirements}".lower() for one in startup.positions if one.is_active]
        return all(value in user.record.skills and any(value.lower() in text for text in asked) for value in values)

    def shared_tags(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        return chosen(values, user.record.tags, startup.tags)

    def shared_category(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        return chosen(values, user.record.categories, (startup.category,))

    def shared_field(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        return chosen(values, user.record.fields, (startup.field,))

    def shared_stages(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        return chosen(values, user.record.stages, startup.stages)

    def shared_location(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        (place,) = values
        here, there = user.record.location, startup.location
        return any(
            place == getattr(there, level) == getattr(here, level) for level in ("city", "region", "state", "country")
        )

    def trending(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        return values == [str(self.interested[startup.id])]

    def new(self, values: list[str], user: UserState, startup: StartupRecord) -> bool:
        return values == [startup.opened_at.date().isoformat()] and NOW - startup.opened_at <= timedelta(days=14)


@pytest.mark.parametrize("learned", [True, False], ids=["two towers", "content"])
def test_every_reason_is_true(fake_database: Any, told_models: Any, told_recommender: Any, learned: bool) -> None:
    models = told_models(v1=told_recommender()) if learned else told_models()
    service = RecommendationService(fake_database, models=models, clock=lambda: NOW)
    checker, kinds = Checker(fake_database), set()
    for user_id in fake_database.users:
        user = fake_database.user_state(user_id, NOW)
        for item in service.recommend(user_id, 40).items:
            for reason in item.reasons:
                kinds.add(reason.kind)
                assert checker.holds(reason, user, checker.startups[str(item.startup_id)]), reason
    assert kinds >= {
        "close_text" if learned else "close_to",
        "shared_skills",
        "shared_tags",
        "shared_category",
        "shared_field",
    }


def test_the_liked_startup_that_is_named_contributes_most(fake_database: Any, told_models: Any) -> None:
    """Leaving a startup out of the history lowers the score the more, the more it contributed."""
    service = RecommendationService(fake_database, models=told_models(), clock=lambda: NOW)
    service.keeper.refresh()
    named = 0
    for user_id in fake_database.users:
        user = fake_database.user_state(user_id, NOW)
        liked = [
            item for item in user.history if item.label >= 0.8 and item.startup_id in Checker(fake_database).startups
        ]
        answer = service.recommend(user_id, 10)
        scorer: Any = service.keeper.current().rungs[answer.rung].scorer
        index_of = service.keeper.current().catalogue.index_of
        for item in answer.items:
            close = [reason for reason in item.reasons if reason.kind == "close_to"]
            if not close or answer.rung != "content_based":
                continue
            columns = np.array([index_of[str(item.startup_id)]])
            parts = scorer.contributions(user, columns, [one.startup_id for one in liked]).parts[0]
            assert close[0].values == [liked[int(parts.argmax())].startup_id, "content_based"]
            named += 1
    assert named > 20
