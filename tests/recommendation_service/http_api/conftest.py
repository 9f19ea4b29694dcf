"""The application over the synthetic platform, without a server and without learned models."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from contracts.access import SUBJECT_OF_PLATFORM, Scope
from recommendation_service.app import build_app
from recommendation_service.http_api.tokens import sign_token
from recommendation_service.services.people_ports import ConfirmedMember, Member, MemberChanges, MemberMark
from recommendation_service.services.ports import NoModels
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.settings import Settings


class FindableMembers:
    """Everybody in the synthetic platform, who all let themselves be found."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def mark(self, now: datetime) -> MemberMark:
        return MemberMark(read_at=now, seen=frozenset(), last_act=0)

    def findable(self) -> Sequence[str]:
        return list(self._database.users)

    def members(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        return [Member(state=self._database.user_state(one, now), joined_at=now) for one in ids]

    def confirmed(self, ids: Collection[str], startup_id: str) -> Mapping[str, ConfirmedMember]:
        return {one: ConfirmedMember(role=self._database.users[one].role, decided=False) for one in ids}

    def described(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        return self.members(ids, now)

    def changes(self, since: MemberMark, now: datetime) -> MemberChanges:
        return MemberChanges(ids=frozenset(), count=len(self.findable()), mark=since)


@pytest.fixture
def service(fake_database: Any) -> RecommendationService:
    return RecommendationService(fake_database, models=NoModels(), members=FindableMembers(fake_database))


@pytest.fixture
def settings() -> Settings:
    return Settings(requests_per_second=10_000, requests_burst=1_000_000)


@pytest.fixture
def token(settings: Settings) -> Callable[..., str]:
    """`token(Scope.MEMBER, user_id)`: a header that shows who asks."""

    def sign(scope: Scope, subject: str = "") -> str:
        named = subject or (SUBJECT_OF_PLATFORM if scope is Scope.PLATFORM else str(uuid4()))
        return f"Bearer {sign_token(settings.service_keys, scope, named, timedelta(minutes=5))}"

    return sign


@pytest.fixture
def client(service: RecommendationService, settings: Settings, token: Callable[..., str]) -> FlaskClient:
    """A client that asks as an operator, who may do everything."""
    app = build_app(service, settings)
    app.wsgi_app = ended(app.wsgi_app)  # type: ignore[method-assign]
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = token(Scope.OPERATOR)
    return client


def ended(app: Any) -> Any:
    """Every answer read and closed, as a server does and test clients do not."""

    def call(environ: Any, start_response: Any) -> list[bytes]:
        answer = app(environ, start_response)
        with closing(answer) if hasattr(answer, "close") else nullcontext():
            return [b"".join(answer)]

    return call


@pytest.fixture
def user_id(fake_database: Any) -> str:
    return str(next(iter(fake_database.users)))


@pytest.fixture
def startup_id(fake_database: Any) -> str:
    return str(fake_database.startups[0].id)
