from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import numpy as np

from recommendation_service.engines.reranking.platform_memory import PlatformMemory
from recommendation_service.engines.types import TrainingData


def test_remembers_likes_alone_in_order_of_time(platform: TrainingData) -> None:
    memory = PlatformMemory.of(platform)
    rows = platform.interactions.take(platform.interactions.label > 0)
    expected = sorted(
        (int(time), platform.users[user].id, platform.startups[startup].id)
        for user, startup, time in zip(rows.user, rows.startup, rows.time, strict=True)
    )
    likes = memory.likes
    found = [
        (int(time), memory.users[user], memory.startups[startup].id)
        for user, startup, time in zip(likes.user, likes.startup, likes.time, strict=True)
    ]
    assert sorted(found) == expected
    assert [entry[0] for entry in found] == sorted(entry[0] for entry in found)


def test_comes_back_from_its_state(make_platform: Callable[..., TrainingData]) -> None:
    """Records with rounds, positions, closing dates and missing texts."""
    memory = PlatformMemory.of(make_platform(with_rounds=True, seed=2))
    loaded = PlatformMemory.from_state(*memory.to_state())
    assert list(loaded.users) == list(memory.users)
    assert list(loaded.roles) == list(memory.roles)
    for field in fields(memory.likes):
        np.testing.assert_array_equal(getattr(loaded.likes, field.name), getattr(memory.likes, field.name))
    for found, startup in zip(loaded.startups, memory.startups, strict=True):
        for field in fields(startup):
            if field.name != "embedding":
                assert getattr(found, field.name) == getattr(startup, field.name)
        assert (found.embedding is None) == (startup.embedding is None)
        if startup.embedding is not None:
            np.testing.assert_array_equal(found.embedding, startup.embedding)
