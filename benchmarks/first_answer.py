"""Starts the recommendation service as an operator would and times its answers over HTTP."""

from __future__ import annotations

import http.client
import json
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

from result import Row

REPOSITORY = Path(__file__).resolve().parents[1]
START_SECONDS = 120.0
REQUESTS = 400
LIMIT = 20
WARM = (5, 20)
QUERY = """
    SELECT u.id FROM accounts_user u LEFT JOIN interactions_interactionevent e ON e.user_id = u.id
    WHERE u.is_active GROUP BY u.id HAVING COUNT(DISTINCT e.startup_id) BETWEEN ? AND ? ORDER BY u.id
"""


def first_answers(environment: Mapping[str, str]) -> list[Row]:
    """Time from starting the service to its first answer, then the latency of single requests.

    Raises:
        SystemExit: If a warm investor is not answered by the two towers, or a new one not by content.
    """
    database = environment["DATABASE_URL"].removeprefix("sqlite:///")
    warm, new = _people(database, WARM), _people(database, (0, 2))
    started = time.monotonic()
    with _service(environment) as connection:
        _expect(_ask(connection, warm[0]), segment="warm", rung="two_tower")
        first = time.monotonic() - started
        _expect(_ask(connection, new[0]), segment="cold", rung="content_based")
        milliseconds = _latencies(connection, [*warm, *new])
    return [
        Row(name="loop/first_answer_s", value=round(first, 2), unit="s"),
        Row(name="loop/answer_p50_ms", value=round(statistics.median(milliseconds), 2), unit="ms"),
        Row(name="loop/answer_p95_ms", value=round(statistics.quantiles(milliseconds, n=20)[-1], 2), unit="ms"),
    ]


def _people(database: str, acts: tuple[int, int]) -> list[UUID]:
    """Everybody who touched between `acts[0]` and `acts[1]` startups."""
    with closing(sqlite3.connect(database)) as connection:
        return [UUID(row[0]) for row in connection.execute(QUERY, acts)]


@contextmanager
def _service(environment: Mapping[str, str]) -> Iterator[http.client.HTTPConnection]:
    """A connection to a service of its own, ready to answer."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=REPOSITORY / "recommendation_service",
        env={**environment, "SERVICE_HOST": "127.0.0.1", "SERVICE_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _ready(process, port)
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(process: subprocess.Popen[bytes], port: int) -> http.client.HTTPConnection:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            response.read()
            if response.status == http.client.OK:
                return connection
        except OSError:
            pass  # not listening yet
        connection.close()
        time.sleep(0.05)
    raise SystemExit(f"the service was not ready within {START_SECONDS:.0f} s (exit status {process.poll()})")


def _ask(connection: http.client.HTTPConnection, user: UUID) -> dict[str, object]:
    connection.request("GET", f"/v1/users/{user}/recommendations?limit={LIMIT}")
    response = connection.getresponse()
    body = response.read()
    if response.status != http.client.OK:
        raise SystemExit(f"the service answered {response.status} for {user}: {body[:300]!r}")
    answer: dict[str, object] = json.loads(body)
    return answer


def _expect(answer: Mapping[str, object], **wanted: str) -> None:
    found = {name: answer[name] for name in wanted}
    if found != wanted or answer["degraded"]:
        raise SystemExit(f"expected {wanted} and not degraded, got {found}: {answer['degraded_reason']}")


def _latencies(connection: http.client.HTTPConnection, people: list[UUID]) -> list[float]:
    """Milliseconds of single requests, one after the other, each for another person."""
    chosen = random.Random(7).sample(people, min(REQUESTS, len(people)))  # noqa: S311 - a benchmark's choice
    milliseconds = []
    for user in chosen:
        started = time.perf_counter()
        _ask(connection, user)
        milliseconds.append((time.perf_counter() - started) * 1000)
    return milliseconds
