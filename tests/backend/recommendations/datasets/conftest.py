"""A small platform with embeddings, and exports of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from recommendations.datasets.export import dataset_export
from recommendations.datasets.request import DatasetRequest
from recommendations.datasets.summary import DatasetSummary
from recommendations.embeddings import KINDS, embeddings_generate
from recommendations.hashing_encoder import HashingEncoder
from startups.models import Startup

START = datetime(2025, 1, 1, tzinfo=UTC)

Export = Callable[..., DatasetSummary]
Embed = Callable[[], None]


def day(number: float) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def embed() -> Embed:
    def run() -> None:
        for kind in KINDS:
            embeddings_generate(kind, HashingEncoder())

    return run


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """`export("name.csv", seed=3, ...)` into the test's folder."""

    def run(name: str = "train.csv", **request: Any) -> DatasetSummary:
        request = {"embedding_model": "hashing", "generator": "test", **request}
        return dataset_export(DatasetRequest(output=tmp_path / name, **request))

    return run


@pytest.fixture
def small_platform(
    make_user: Callable[..., User], make_startup: Callable[..., Startup], make_event: Callable[..., Any], embed: Embed
) -> tuple[list[User], list[Startup]]:
    """Three people and twelve startups, one a day; the first two people act, the second owns the last startup."""
    users = [make_user(role="investor", preferences={"categories": ["fintech"]}) for _ in range(3)]
    startups = [make_startup(opened_at=day(number)) for number in range(12)]
    startups[11].owner = users[1]
    startups[11].save()
    make_event(users[0], startups[0], "view", occurred_at=day(6.5))
    make_event(users[0], startups[0], "like", occurred_at=day(7))
    make_event(users[0], startups[3], "dislike", occurred_at=day(8))
    make_event(users[1], startups[2], "apply", occurred_at=day(20))
    embed()
    return users, startups
