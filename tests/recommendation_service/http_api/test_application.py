"""Answers as a web server takes them: whole ones as a list, streams piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.test import create_environ

from recommendation_service.http_api.application import ServiceFlask


@pytest.fixture
def events() -> list[str]:
    return []


@pytest.fixture
def app(events: list[str]) -> ServiceFlask:
    def pieces() -> Iterator[str]:
        yield "one "
        events.append("made")
        yield "two"

    app = ServiceFlask("test")

    @app.get("/whole")
    def whole() -> Response:
        answer = Response(["one ", "two"], content_type="text/plain")
        answer.call_on_close(lambda: events.append("closed"))
        return answer

    @app.get("/stream")
    def stream() -> Response:
        answer = Response(pieces(), content_type="text/plain")
        answer.call_on_close(lambda: events.append("closed"))
        return answer

    return app


def ask(app: Flask, path: str, method: str = "GET") -> tuple[Any, dict[str, str]]:
    """What a web server gets: the answer as it is, and its headers."""
    told: dict[str, str] = {}

    def start(_: str, headers: list[tuple[str, str]], *__: Any) -> Callable[[bytes], object]:
        told.update(headers)
        return lambda _: None

    return app(create_environ(path, method=method), start), told


def test_a_whole_answer_is_a_list_that_needs_no_closing(app: ServiceFlask, events: list[str]) -> None:
    answer, headers = ask(app, "/whole")
    assert (type(answer), b"".join(answer)) == (list, b"one two")
    assert headers["Content-Length"] == "7"
    assert events == ["closed"]


def test_a_stream_is_made_while_it_is_sent(app: ServiceFlask, events: list[str]) -> None:
    answer, _ = ask(app, "/stream")
    pieces = iter(answer)
    assert (next(pieces), events) == (b"one ", [])
    assert (list(pieces), events) == ([b"two"], ["made"])
    answer.close()
    assert events == ["made", "closed"]


def test_head_has_headers_and_no_body(app: ServiceFlask) -> None:
    answer, headers = ask(app, "/whole", "HEAD")
    assert (answer, headers["Content-Length"]) == ([], "7")
