from __future__ import annotations

import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from contracts.api import PairsToScore, RefreshHint
from recommendation_service.http_api.bodies import read_body
from recommendation_service.http_api.body_deadline import BodyDeadline
from recommendation_service.http_api.body_places import BodyPlaces, register_body_places
from recommendation_service.http_api.problems import register_problems
from recommendation_service.http_api.request_ids import register_request_ids
from recommendation_service.services.statistics import ServiceStatistics

MAX_BYTES = 400_000


def app_with_bodies() -> Flask:
    app = Flask("bodies")
    register_request_ids(app)
    register_problems(app)

    @app.post("/scores")
    def scores() -> str:
        return str(len(read_body(PairsToScore, max_bytes=MAX_BYTES).pairs))

    @app.post("/refresh")
    def refresh() -> str:
        return str(len(read_body(RefreshHint, max_bytes=100, empty_is_default=True).startup_ids))

    return app


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return app_with_bodies().test_client()


def pair() -> dict[str, str]:
    return {"user_id": str(uuid4()), "startup_id": str(uuid4())}


class Sending:
    """A body that is on its way until told."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def read(self, size: int = -1) -> bytes:
        if self.go.is_set():
            return b""
        self.begun.set()
        assert self.go.wait(20)
        return b"{}"

    readinto = None


def test_beyond_so_many_that_are_on_their_way_bodies_are_turned_away_at_once() -> None:
    app, statistics = app_with_bodies(), ServiceStatistics()
    register_body_places(app, BodyPlaces(2, statistics, BodyDeadline(60)))
    bodies = [Sending(), Sending()]

    def send(body: Any) -> int:
        streamed = {"wsgi.input": body, "wsgi.input_terminated": True}
        return (
            app.test_client().post("/refresh", environ_overrides=streamed, content_type="application/json").status_code
        )

    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(send, body) for body in bodies]
        assert all(body.begun.wait(20) for body in bodies)
        refused: Any = app.test_client().post("/scores", json={"pairs": [pair()]})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert refused.json["detail"] == "2 requests are still sending their bodies; try again shortly"
        assert statistics.turned_away == {"bodies_full": 1}
        for body in bodies:
            body.go.set()
        assert [future.result() for future in slow] == [200, 200]
    assert app.test_client().post("/scores", json={"pairs": [pair()]}).status_code == 200


def test_a_body_that_is_late_is_answered_so_counted_and_gives_its_place_back() -> None:
    app, statistics = app_with_bodies(), ServiceStatistics()
    register_body_places(app, BodyPlaces(1, statistics, BodyDeadline(0.1)))
    body = Sending()
    threading.Timer(2.5, body.go.set).start()
    streamed = {"wsgi.input": body, "wsgi.input_terminated": True}
    late: Any = app.test_client().post("/refresh", environ_overrides=streamed, content_type="application/json")
    assert late.status_code == 408
    assert late.json["detail"] == "the body did not come within 0.1 s; send it faster"
    assert statistics.turned_away == {"body_slow": 1}
    assert app.test_client().post("/refresh").status_code == 200


def test_a_body_that_breaks_off_gives_its_place_back() -> None:
    app = app_with_bodies()
    register_body_places(app, BodyPlaces(1, ServiceStatistics(), BodyDeadline(60)))
    for _ in range(3):
        assert app.test_client().post("/scores", data=b"{", content_type="application/json").status_code == 400


def test_a_body_that_fits_is_read(client: FlaskClient) -> None:
    answer = client.post("/scores", json={"pairs": [pair(), pair()]})
    assert (answer.status_code, answer.text) == (200, "2")


def test_no_body_is_a_hint_without_names(client: FlaskClient) -> None:
    assert client.post("/refresh").text == "0"


BAD: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "not JSON that can be used"),
    "no JSON": (b"{pairs", 400, "not JSON that can be used"),
    "not UTF-8": (b'{"pairs": "\xff\xfe"}', 400, "not JSON that can be used"),
    "half": (b'{"pairs": [', 400, "not JSON that can be used"),
    "200,000 lists deep": (b"[" * 200_000, 400, "nested deeper than 20"),
    "200,000 objects deep": (b'{"a":' * 60_000, 400, "nested deeper than 20"),
    "a key twice": (b'{"pairs": [], "pairs": [1]}', 400, "a key is given twice"),
    "NaN": (b'{"pairs": NaN}', 400, "NaN is not JSON"),
    "a list": (b"[]", 422, "the body: Input should be an object"),
    "null": (b"null", 422, "the body: Input should be an object"),
    "no pairs": (b'{"pairs": []}', 422, "pairs: List should have at least 1 item"),
    "an unknown field": (b'{"pairs": [], "more": 1}', 422, "more: Extra inputs are not permitted"),
    "ids that are none": (b'{"pairs": [{"user_id": 7, "startup_id": "\\u0000"}]}', 422, "pairs.0.user_id: "),
    "a lone surrogate": (b'{"pairs": [{"user_id": "\\ud800", "startup_id": ""}]}', 422, ""),
    "a field's name that is a secret sign": (b'{"\\u202e\\u0000": 1, "pairs": []}', 422, "\\u202e\\x00: "),
    "a number without end": (b'{"pairs": ' + b"9" * 5000 + b"}", 400, "not JSON that can be used"),
}


@pytest.mark.parametrize(("body", "status", "why"), BAD.values(), ids=BAD)
def test_a_body_that_is_no_use_is_a_problem_that_says_why(
    client: FlaskClient, body: bytes, status: int, why: str
) -> None:
    answer: Any = client.post("/scores", data=body, content_type="application/json")
    assert answer.status_code == status, answer.text
    assert why in answer.json["detail"]
    assert answer.json["detail"].isascii()


def test_a_thousand_mistakes_are_told_shortly(client: FlaskClient) -> None:
    answer: Any = client.post("/scores", json={"pairs": [{}] * 1000})
    assert answer.status_code == 422
    assert answer.json["detail"].endswith("; and 1995 more")


def test_what_is_too_large_is_refused_declared_or_not(client: FlaskClient) -> None:
    declared: Any = client.post("/refresh", data=b" " * 101, content_type="application/json")
    assert (declared.status_code, declared.json["detail"]) == (413, "the body may hold at most 100 bytes here")
    streamed = client.post(
        "/refresh",
        input_stream=io.BytesIO(b" " * 101),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert streamed.status_code == 413


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "text/json"])
def test_what_is_not_declared_as_json_is_refused(client: FlaskClient, content_type: str | None) -> None:
    answer = client.post("/scores", data=json.dumps({"pairs": [pair()]}), content_type=content_type)
    assert answer.status_code == 415


def test_a_charset_is_allowed(client: FlaskClient) -> None:
    answer = client.post(
        "/scores", data=json.dumps({"pairs": [pair()]}), content_type="application/json; charset=utf-8"
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("piece", [b'"\\"', b'"', b"\\", b'"\\\\', b"[]", b'{"'])
def test_looking_for_depth_takes_time_in_proportion_to_the_size(client: FlaskClient, piece: bytes) -> None:
    """A search that starts again at every quote would take minutes here."""
    begun = time.monotonic()
    client.post("/scores", data=(piece * MAX_BYTES)[:MAX_BYTES], content_type="application/json")
    assert time.monotonic() - begun < 20


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_body_whatever_is_an_error_of_the_service(client: FlaskClient, body: bytes) -> None:
    assert client.post("/scores", data=body, content_type="application/json").status_code < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["pairs", "user_id", "x"]), inner),
    max_leaves=8,
)


@given(JSON)
def test_no_json_whatever_is_an_error_of_the_service(client: FlaskClient, value: object) -> None:
    answer = client.post("/scores", data=json.dumps(value), content_type="application/json")
    assert answer.status_code in {200, 400, 422}
