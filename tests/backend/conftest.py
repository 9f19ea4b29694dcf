"""Factories of records: `make_user()`, `make_startup(tags=[...])`, `make_event(user, startup, "like")`."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import Preferences, Profile, User
from interactions.models import InteractionEvent
from startups.models import Position, Startup

PASSWORD = "a long enough password"

UserFactory = Callable[..., User]
StartupFactory = Callable[..., Startup]
EventFactory = Callable[..., InteractionEvent]


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Throttles count in the cache; one test's requests must not slow another's."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def make_user(db: None) -> UserFactory:
    """`make_user(email=..., role=..., profile={...}, preferences={...}, **user_fields)`; logs in with `PASSWORD`."""
    numbers = itertools.count(1)

    def make(
        *, profile: dict[str, Any] | None = None, preferences: dict[str, Any] | None = None, **fields: Any
    ) -> User:
        number = next(numbers)
        fields = {"email": f"member{number}@example.org", "name": f"Member {number}", **fields}
        user = User.objects.create_user(fields.pop("email"), fields.pop("password", PASSWORD), **fields)
        Profile.objects.create(user=user, **profile or {})
        Preferences.objects.create(user=user, **preferences or {})
        return user

    return make


@pytest.fixture
def make_startup(db: None) -> StartupFactory:
    """`make_startup(title=..., tags=[...], positions=["Engineer"], **startup_fields)`."""
    numbers = itertools.count(1)

    def make(*, positions: list[str] | None = None, **fields: Any) -> Startup:
        number = next(numbers)
        defaults = {"title": f"Startup {number}", "type": "collaboration", "category": "fintech", "field": "payments"}
        startup = Startup.objects.create(**{**defaults, **fields})
        Position.objects.bulk_create(Position(startup=startup, title=title) for title in positions or [])
        return startup

    return make


@pytest.fixture
def make_event(db: None) -> EventFactory:
    """`make_event(user, startup, "like", occurred_at=...)`; `undoes=event` makes it the undoing of that event."""

    def make(user: User, startup: Startup, kind: str, **fields: Any) -> InteractionEvent:
        fields.setdefault("idempotency_key", uuid.uuid4().hex)
        return InteractionEvent.objects.create(user=user, startup=startup, type=kind, **fields)

    return make


@pytest.fixture
def member(make_user: UserFactory) -> User:
    """A student."""
    return make_user(name="Mina Member", role="student")


@pytest.fixture
def startup(make_startup: StartupFactory) -> Startup:
    """An active collaboration startup with one position."""
    return make_startup(title="Ledgerleaf", positions=["Backend engineer"])
