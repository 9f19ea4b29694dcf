"""The real process: started as in the guides, asked over HTTP, changed under its feet, stopped by a signal."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from recommendation_service.adapters.platform_schema import METADATA
from tests.live_service import FOLDER, PATIENCE_SECONDS, LiveService, eventually, free_port

KEYS = json.dumps({"2026-01": "a-key-of-its-own-of-more-than-32-bytes"})


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The declared tables with one person and three startups, as Django would store them."""
    from sqlalchemy import create_engine

    path = tmp_path / "platform.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    engine.dispose()
    change(path, "PRAGMA journal_mode=WAL")
    change(
        path,
        "INSERT INTO accounts_user (id, role, is_active, date_joined, updated_at) VALUES (?, 'student', 1, ?, ?)",
        uuid4().hex,
        "2026-01-01 00:00:00",
        "2026-01-01 00:00:00",
    )
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


@pytest.fixture
def running(database: Path) -> Iterator[LiveService]:
    with LiveService(database.parent, f"sqlite:///{database}") as started:
        yield started


@pytest.mark.slow
def test_a_service_starts_answers_follows_changes_and_stops(running: LiveService, database: Path) -> None:
    assert eventually(running.is_ready)
    with closing(sqlite3.connect(database)) as connection:
        user_id = UUID(connection.execute("SELECT id FROM accounts_user").fetchone()[0])

    def offered() -> set[str]:
        answer = running.recommend(user_id)
        assert answer.status == 200
        return {item["startup_id"] for item in answer.json["items"]}

    assert len(offered()) == 3
    added = add_startup(database, "d")
    assert eventually(lambda: added in offered(), seconds=5)
    change(database, "UPDATE startups_startup SET status = 'hidden' WHERE id = ?", UUID(added).hex)
    assert eventually(lambda: added not in offered(), seconds=5)
    assert running.stop() == 0


@pytest.mark.slow
def test_a_service_started_before_its_database_is_honest_and_recovers(database: Path) -> None:
    away = database.rename(database.with_suffix(".away"))
    with LiveService(database.parent, f"sqlite:///{database}") as running:
        assert eventually(running.is_listening)
        answer = running.ask("/readyz")
        assert (answer.status, answer.json["ready"]) == (503, False)
        assert "did not answer" in answer.json["problems"][0]
        assert running.recommend(uuid4()).status == 503
        away.rename(database)
        running.await_ready()


def start(database: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=FOLDER,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{database}", "SERVICE_PORT": str(free_port()), **changed},
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
        ({"SERVICE_HOST": "203.0.113.1", "SERVICE_KEYS": KEYS}, "cannot listen on 203.0.113.1:"),
        ({"SERVICE_HOST": "0.0.0.0"}, "SERVICE_HOST='0.0.0.0' can be reached by others"),
        ({"LAUNCHMATCH_PRODUCTION": "1"}, "SERVICE_KEYS is not set; production needs a key of its own"),
    ],
    ids=["database", "port", "host", "open to others with the known key", "production with the known key"],
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
