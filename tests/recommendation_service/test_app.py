"""The real process: started as in the guides, asked over HTTP, changed under its feet, stopped by a signal."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

import recommendation_service
from recommendation_service.adapters.platform_schema import METADATA

FOLDER = Path(recommendation_service.__file__).parent
PATIENCE_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The declared tables with one person and three startups, as Django would store them."""
    from sqlalchemy import create_engine

    path = tmp_path / "platform.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    engine.dispose()
    change(path, "PRAGMA journal_mode=WAL")
    change(path, "INSERT INTO accounts_user VALUES (?, NULL, 'student', 1)", uuid4().hex)
    for title in ("a", "b", "c"):
        add_startup(path, title)
    return path


def change(database: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(sql, values)


def add_startup(database: Path, title: str) -> str:
    identity = uuid4()
    values = {column.name: "" for column in METADATA.tables["startups_startup"].columns}
    values |= {"id": identity.hex, "title": title, "type": "collaboration", "status": "active", "stages": "[]"}
    values |= {"tags": "[]", "opened_at": "2026-01-01 00:00:00", "updated_at": "2026-01-01 00:00:00"}
    row = {
        name: None if name in {"external_id", "owner_id", "founded_on", "closed_at"} else v
        for name, v in values.items()
    }
    marks = ", ".join("?" for _ in row)
    change(database, f"INSERT INTO startups_startup ({', '.join(row)}) VALUES ({marks})", *row.values())
    return str(identity)


def environment(database: Path, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "MODELS_DIR": str(database.parent / "models"),
        "SERVICE_PORT": str(port),
        "REFRESH_SECONDS": "0.1",
    }


class Running:
    """A service process and the address it answers on."""

    def __init__(self, database: Path) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=FOLDER,
            env=environment(database, self.port),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, path: str) -> tuple[int, Any]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def stop(self) -> int:
        """End it as an operator does; only so its worker ends too."""
        self.process.terminate()
        return self.process.wait(20)

    def is_ready(self) -> bool:
        try:
            return self.ask("/readyz")[0] == 200
        except OSError:
            return False


def eventually(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


@pytest.fixture
def running(database: Path) -> Iterator[Running]:
    started = Running(database)
    yield started
    started.stop()


@pytest.mark.slow
def test_a_service_starts_answers_follows_changes_and_stops(running: Running, database: Path) -> None:
    assert eventually(running.is_ready)
    with closing(sqlite3.connect(database)) as connection:
        user_id = UUID(connection.execute("SELECT id FROM accounts_user").fetchone()[0])

    def offered() -> set[str]:
        status, answer = running.ask(f"/v1/users/{user_id}/recommendations")
        assert status == 200
        return {item["startup_id"] for item in answer["items"]}

    assert len(offered()) == 3
    added = add_startup(database, "d")
    assert eventually(lambda: added in offered(), seconds=5)
    change(database, "UPDATE startups_startup SET status = 'hidden' WHERE id = ?", UUID(added).hex)
    assert eventually(lambda: added not in offered(), seconds=5)
    assert running.stop() == 0


@pytest.mark.slow
def test_a_service_started_before_its_database_is_honest_and_recovers(database: Path) -> None:
    away = database.rename(database.with_suffix(".away"))
    running = Running(database)
    try:
        assert eventually(lambda: is_listening(running))
        status, answer = running.ask("/readyz")
        assert (status, answer["ready"]) == (503, False)
        assert "did not answer" in answer["problems"][0]
        assert running.ask(f"/v1/users/{uuid4()}/recommendations")[0] == 503
        away.rename(database)
        assert eventually(running.is_ready)
    finally:
        running.stop()


def is_listening(running: Running) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", running.port)) == 0


def start(database: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=FOLDER,
        env={**environment(database, free_port()), **changed},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL has the scheme 'mysql'; use sqlite:"),
        ({"SERVICE_PORT": "http"}, "SERVICE_PORT='http': Input should be a valid integer"),
        ({"SERVICE_HOST": "203.0.113.1"}, "cannot listen on 203.0.113.1:"),
    ],
    ids=["database", "port", "host"],
)
def test_what_keeps_it_from_starting_is_one_sentence(database: Path, changed: dict[str, str], sentence: str) -> None:
    finished = start(database, **changed)
    assert finished.returncode == 2
    assert finished.stderr.startswith(f"the recommendation service cannot start: {sentence}")
    assert len(finished.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_port_in_use_is_one_sentence(database: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        finished = start(database, SERVICE_PORT=str(taken.getsockname()[1]))
    assert finished.returncode == 2
    assert "Address already in use); set SERVICE_HOST or SERVICE_PORT to another" in finished.stderr
