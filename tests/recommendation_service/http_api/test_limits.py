from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from recommendation_service.http_api.limits import register_limits
from recommendation_service.http_api.problems import register_problems
from recommendation_service.http_api.request_ids import register_request_ids
from recommendation_service.http_api.security_headers import SECURITY_HEADERS, register_security_headers


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("limited", static_folder=None)
    register_request_ids(app)
    register_security_headers(app)
    register_limits(app)
    register_problems(app)

    @app.get("/")
    def index() -> str:
        return "fine"

    @app.get("/page")
    def page() -> tuple[str, dict[str, str]]:
        return "page", {"Content-Security-Policy": "default-src 'self'"}

    @app.get("/broken")
    def broken() -> str:
        raise LookupError

    return app.test_client()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 200),
        ("/?x=" + "a" * 8000, {}, 200),
        ("/?x=" + "a" * 9000, {}, 414),
        ("/" + "a" * 9000, {}, 414),
        ("/", {f"X-{number}": "a" for number in range(50)}, 200),
        ("/", {f"X-{number}": "a" for number in range(70)}, 431),
        ("/", {"X-Long": "a" * 17_000}, 431),
    ],
)
def test_what_is_too_long_is_refused(client: FlaskClient, path: str, headers: dict[str, str], status: int) -> None:
    answer: Any = client.get(path, headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert answer.json["status"] == status


@pytest.mark.parametrize("path", ["/", "/nowhere", "/broken", "/?x=" + "a" * 9000])
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    assert answer.headers["X-Request-Id"]


def test_a_page_may_say_more_precisely_what_it_loads(client: FlaskClient) -> None:
    assert client.get("/page").headers["Content-Security-Policy"] == "default-src 'self'"
