"""What a dataset of a million events costs: memory and time, beside a tenth of it.

    make bench-dataset_memory        (or: python benchmarks/dataset_memory.py --events 1000000)

A platform of 20,000 people and 10,000 startups is written straight into a fresh SQLite database; the export runs as a
process of its own. Memory must not grow with the number of events, so the peak of the large run stands beside that of
a run over a tenth of the events.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from result import Row, write_result

BACKEND = Path(__file__).resolve().parents[1] / "backend"
SEED = 7
USERS = 20_000
STARTUPS = 10_000
DAYS = 730
START = datetime(2024, 1, 1, tzinfo=UTC)
KINDS = ("view", "view", "view", "click", "click", "like", "favorite", "apply", "interest", "dislike")
LIMIT_GIB = 1.5


def main() -> None:
    """Measure both sizes and write `results/dataset_memory.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    events = parser.parse_args().events
    small_s, small_gib = measure(events // 10)
    seconds, peak_gib = measure(events)
    rows = [
        Row(name="dataset/events", value=events, unit="events"),
        Row(name="dataset/seconds", value=round(seconds, 2), unit="s"),
        Row(name="dataset/events_per_s", value=round(events / seconds, 1), unit="events/s"),
        Row(name="dataset/peak_gib", value=round(peak_gib, 3), unit="GiB", against="limit", ratio=peak_gib / LIMIT_GIB),
        Row(
            name="dataset/peak_gib_over_tenth",
            value=round(peak_gib, 3),
            unit="GiB",
            against="a tenth of the events",
            ratio=round(peak_gib / small_gib, 3),
        ),
        Row(name="dataset/tenth_seconds", value=round(small_s, 2), unit="s"),
    ]
    print(f"written to {write_result('dataset_memory', rows=rows, data=None, seed=SEED)}")


def measure(events: int) -> tuple[float, float]:
    """Seconds and peak GiB of one export over that many events."""
    with tempfile.TemporaryDirectory(prefix="launchmatch-dataset-") as name:
        database = Path(name) / "platform.sqlite3"
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database}", "TEXT_ENCODER": "hashing"}
        run(["migrate", "--verbosity", "0"], environment)
        fill(database, events)
        command = ["generate_two_tower_dataset", "--output", str(Path(name) / "train.csv"), "--verbosity", "0"]
        seconds, peak_gib = run(command, environment)
    print(f"{events:,} events: {seconds:.1f} s, peak {peak_gib:.3f} GiB", flush=True)
    return seconds, peak_gib


def run(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a management command; the operating system says what it used."""
    command = [sys.executable, str(BACKEND / "manage.py"), *arguments]
    started = time.monotonic()
    _, status, usage = os.wait4(os.posix_spawn(command[0], command, environment), 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(arguments)} failed; what it said stands above")
    return time.monotonic() - started, usage.ru_maxrss / 2**20


def fill(database: Path, events: int) -> None:
    """Write people, startups with embeddings, and events whose popularity is skewed."""
    rng = np.random.default_rng(SEED)
    users = [uuid.UUID(bytes=rng.bytes(16)).hex for _ in range(USERS)]
    startups = [uuid.UUID(bytes=rng.bytes(16)).hex for _ in range(STARTUPS)]
    with sqlite3.connect(database) as connection:
        insert(connection, "accounts_user", user_rows(users))
        insert(connection, "startups_startup", startup_rows(startups, rng))
        insert(connection, "recommendations_userembedding", embedding_rows("user_id", users, rng))
        insert(connection, "recommendations_startupembedding", embedding_rows("startup_id", startups, rng))
        insert(connection, "interactions_interactionevent", event_rows(users, startups, events, rng))
    connection.close()


def insert(connection: sqlite3.Connection, table: str, rows: Iterator[dict[str, object]]) -> None:
    """Insert rows by column name."""
    first = next(rows)
    places = ", ".join("?" * len(first))
    statement = f"INSERT INTO {table} ({', '.join(first)}) VALUES ({places})"  # noqa: S608 - names from this file
    connection.execute(statement, list(first.values()))
    connection.executemany(statement, (list(row.values()) for row in rows))


def stored(moment: datetime) -> str:
    """A moment as Django stores it in SQLite."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def user_rows(users: list[str]) -> Iterator[dict[str, object]]:
    """People without profile or preferences."""
    for number, key in enumerate(users):
        yield {
            "id": key,
            "password": "!",
            "is_superuser": False,
            "email": f"member{number}@example.org",
            "name": "",
            "role": "student",
            "is_active": True,
            "is_staff": False,
            "date_joined": stored(START),
            "updated_at": stored(START),
        }


def startup_rows(startups: list[str], rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Startups that open over time; texts are short."""
    texts = dict.fromkeys(("description", "category", "field", "phase", "country", "state", "region", "city"), "")
    for number, key in enumerate(startups):
        opened = stored(START + timedelta(days=float(rng.uniform(0, DAYS / 2))))
        yield {
            **texts,
            "id": key,
            "title": f"Startup {number}",
            "type": "collaboration",
            "stages": "[]",
            "tags": "[]",
            "status": "active",
            "opened_at": opened,
            "created_at": opened,
            "updated_at": opened,
        }


def embedding_rows(owner: str, keys: list[str], rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Random unit vectors."""
    for key in keys:
        vector = rng.normal(size=384).astype("<f4")
        vector /= np.linalg.norm(vector)
        yield {
            owner: key,
            "model_id": "hashing",
            "text_hash": "0" * 64,
            "vector": vector.tobytes(),
            "updated_at": stored(START),
        }


def event_rows(
    users: list[str], startups: list[str], events: int, rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    """Acts in order of time; a few startups draw most of them."""
    popularity = 1.0 / np.arange(1, STARTUPS + 1) ** 0.7
    who = rng.integers(0, USERS, size=events)
    what = rng.choice(STARTUPS, size=events, p=popularity / popularity.sum())
    seconds = np.sort(rng.uniform(DAYS / 2, DAYS, size=events)) * 86_400
    kinds = rng.integers(0, len(KINDS), size=events)
    for number in range(events):
        moment = stored(START + timedelta(seconds=float(seconds[number])))
        yield {
            "user_id": users[who[number]],
            "startup_id": startups[what[number]],
            "type": KINDS[kinds[number]],
            "occurred_at": moment,
            "recorded_at": moment,
            "idempotency_key": str(number),
        }


if __name__ == "__main__":
    main()
