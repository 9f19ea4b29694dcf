"""The real, migrated test database with rows written by Django, read through the service's own adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from accounts.models import User
from interactions.models import InteractionEvent
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from startups.models import Startup

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The test database as a DATABASE_URL."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    host, port = str(settings["HOST"] or settings["OPTIONS"].get("host", "")), str(settings["PORT"] or "")
    query = f"?host={quote(host)}" + (f"&port={port}" if port else "")
    user = quote(settings["USER"]) + (f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else "")
    return f"postgresql://{user}@/{settings['NAME']}{query}"


@pytest.fixture
def database(database_url: str) -> Iterator[SqlPlatformDatabase]:
    opened = SqlPlatformDatabase(database_url)
    yield opened
    opened.close()


@pytest.fixture
def add_startup(transactional_db: None) -> Callable[..., Startup]:
    """`add_startup("Acme", category="fintech")`: active, collaboration, opened a day before NOW."""

    def add(title: str, **fields: Any) -> Startup:
        defaults = {"type": "collaboration", "opened_at": NOW - timedelta(days=1)}
        return Startup.objects.create(title=title, **{**defaults, **fields})

    return add


@pytest.fixture
def add_user(transactional_db: None) -> Callable[..., User]:
    return lambda name, **fields: User.objects.create_user(f"{name}@example.org", None, **fields)


@pytest.fixture
def act() -> Callable[..., InteractionEvent]:
    """`act(user, startup, "like", minutes=3)`: minutes after NOW; `undoes=event` makes it an undo."""

    def record(user: User, startup: Startup, kind: str, minutes: float = 0, **fields: Any) -> InteractionEvent:
        return InteractionEvent.objects.create(
            user=user,
            startup=startup,
            type=kind,
            occurred_at=NOW + timedelta(minutes=minutes),
            idempotency_key=f"key-{InteractionEvent.objects.count()}",
            **fields,
        )

    return record
