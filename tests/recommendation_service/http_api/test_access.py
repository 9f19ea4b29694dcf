"""A small application with one route for each kind of caller."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contracts.access import SUBJECT_OF_PLATFORM, Scope
from recommendation_service.http_api.access import (
    UndeclaredRouteError,
    admits,
    bearer,
    open_to_all,
    register_access,
    require_own,
)
from recommendation_service.http_api.problems import register_problems
from recommendation_service.http_api.request_ids import register_request_ids
from recommendation_service.http_api.tokens import TokenVerifier, sign_token

KEYS = {"one": "a-key-of-forty-characters-or-more-0000001"}
ME, SOMEBODY = UUID(int=1), UUID(int=2)  # fixed, for they stand in the names of tests


def app_with_routes() -> Flask:
    app = Flask("guarded")
    register_request_ids(app)
    register_problems(app)

    @app.get("/users/<uuid:user_id>")
    @admits(Scope.MEMBER, Scope.PLATFORM)
    def user(user_id: UUID) -> str:
        require_own(user_id)
        return bearer().subject

    @app.post("/refresh")
    @admits(Scope.PLATFORM)
    def refresh() -> str:
        return "done"

    @app.get("/models")
    @admits()
    def models() -> str:
        return "models"

    @app.get("/health")
    @open_to_all
    def health() -> str:
        return "alive"

    return app


@pytest.fixture
def client() -> FlaskClient:
    app = app_with_routes()
    app.view_functions["static"] = open_to_all(app.view_functions["static"])
    register_access(app, TokenVerifier(KEYS))
    return app.test_client()


def as_caller(scope: Scope, subject: object = ME) -> dict[str, str]:
    """Signed when it is needed: a token made when tests are collected has expired when they run."""
    return {"Authorization": f"Bearer {sign_token(KEYS, scope, str(subject), timedelta(minutes=1))}"}


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("GET", f"/users/{ME}", {"nobody": 401, "member": 200, "platform": 200, "operator": 200}),
        ("GET", f"/users/{SOMEBODY}", {"nobody": 401, "member": 404, "platform": 200, "operator": 200}),
        ("POST", "/refresh", {"nobody": 401, "member": 403, "platform": 200, "operator": 200}),
        ("GET", "/models", {"nobody": 401, "member": 403, "platform": 403, "operator": 200}),
        ("HEAD", "/models", {"nobody": 401, "member": 403, "platform": 403, "operator": 200}),
        ("OPTIONS", "/models", {"nobody": 401, "member": 403, "platform": 403, "operator": 200}),
        ("GET", "/health", {"nobody": 200, "member": 200, "platform": 200, "operator": 200}),
        ("GET", "/nowhere", {"nobody": 404, "member": 404, "platform": 404, "operator": 404}),
    ],
)
def test_every_caller_at_every_route(client: FlaskClient, method: str, path: str, statuses: dict[str, int]) -> None:
    callers: dict[str, dict[str, str]] = {
        "nobody": {},
        "member": as_caller(Scope.MEMBER),
        "platform": as_caller(Scope.PLATFORM, SUBJECT_OF_PLATFORM),
        "operator": as_caller(Scope.OPERATOR),
    }
    found = {name: client.open(path, method=method, headers=headers).status_code for name, headers in callers.items()}
    assert found == statuses


def test_somebody_else_is_told_apart_from_nobody_by_nothing(client: FlaskClient) -> None:
    answer = client.get(f"/users/{SOMEBODY}", headers=as_caller(Scope.MEMBER))
    assert answer.json is not None
    assert answer.json["detail"] == f"there is no user {SOMEBODY}"


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, "send a token in the header `Authorization: Bearer TOKEN`"),
        ("", "send a token in the header `Authorization: Bearer TOKEN`"),
        ("Basic YTpi", "send a token in the header `Authorization: Bearer TOKEN`"),
        ("Bearer", "send a token in the header `Authorization: Bearer TOKEN`"),
        ("Bearer ", "the token is malformed"),
        ("Bearer a.b.c", "the token is malformed"),
        ("bearer " + "x" * 5000, "the token is longer than 2048 characters, or its header is too long"),
    ],
)
def test_a_caller_who_is_not_known_is_told_why(client: FlaskClient, header: str | None, detail: str) -> None:
    answer = client.get("/models", headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["detail"] == detail
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="launchmatch"')
    assert ("invalid_token" in challenge) == (header is not None)


def test_too_little_scope_names_the_one_that_is_needed(client: FlaskClient) -> None:
    answer: Any = client.get("/models", headers=as_caller(Scope.MEMBER))
    assert answer.json["detail"] == "this needs a token of the scope operator"
    assert 'error="insufficient_scope", scope="operator"' in answer.headers["WWW-Authenticate"]


def test_a_route_that_declares_nothing_keeps_the_application_from_starting() -> None:
    with pytest.raises(UndeclaredRouteError, match=r"the route static must carry @admits"):
        register_access(app_with_routes(), TokenVerifier(KEYS))
