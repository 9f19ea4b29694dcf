"""What happens to the platform's database when it is a SQLite file."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from contracts.access import Scope
from tests.live_service import Answer, LiveService, eventually

A_WHILE = 10.0
"""Far beyond the deadlines, for machines that do much else; far below the half minute that the background may wait."""


def moved_away(platform: Any) -> list[Any]:
    """Its file and those beside it, out of reach."""
    files = [platform.database.with_name(platform.database.name + suffix) for suffix in ("", "-wal", "-shm")]
    return [file.rename(file.with_suffix(".away" + file.suffix)) for file in files if file.exists()]


def brought_back(files: list[Any]) -> None:
    for file in files:
        file.rename(file.parent / file.name.replace(".away", ""))


def test_down_at_start_it_says_so_and_takes_over_as_soon_as_it_can(start: Any, platform: Any, member: str) -> None:
    files = moved_away(platform)
    service: LiveService = start()
    assert eventually(service.is_listening)
    state = service.ask("/readyz")
    assert (state.status, state.json["ready"]) == (503, False)
    assert "the platform's database did not answer" in state.json["problems"][0]
    refused = service.recommend(member)
    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    brought_back(files)
    service.await_ready()
    assert service.recommend(member).json["degraded"] is False


def test_down_at_start_it_serves_the_last_snapshot_from_disk_marked(start: Any, platform: Any, member: str) -> None:
    first: LiveService = start().await_ready()
    size = first.readiness()["catalogue_size"]
    assert eventually(lambda: any((platform.folder / "state").rglob("*")))
    assert first.stop() == 0
    files = moved_away(platform)
    second: LiveService = start().await_ready()
    answer = second.recommend(member).json
    assert answer["degraded"]
    assert answer["items"]
    assert second.readiness()["catalogue_size"] == size
    brought_back(files)
    assert eventually(lambda: second.recommend(member).json["degraded"] is False)


def test_a_writer_in_the_middle_of_a_transaction_is_not_in_the_way(
    service: LiveService, platform: Any, member: str
) -> None:
    with closing(sqlite3.connect(platform.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE startups_startup SET title = 'changed'")
        assert [service.recommend(member).json["degraded"] for _ in range(5)] == [False] * 5
        writer.execute("ROLLBACK")


def test_a_writer_who_locks_everything_holds_no_request(start: Any, platform: Any) -> None:
    """Without the write-ahead log, as on a shared file system, a writer locks readers out."""
    platform.change("PRAGMA journal_mode = DELETE")
    service: LiveService = start().await_ready()
    member, stranger = platform.people(5, 20)[:2]
    before = service.recommend(member).json
    with closing(sqlite3.connect(platform.database, isolation_level=None, timeout=30)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        answers = [service.recommend(member) for _ in range(20)]
        assert {answer.status for answer in answers} == {200}
        assert all(answer.json["degraded"] for answer in answers)
        assert "the person is as known" in answers[0].json["degraded_reason"]
        assert [item["startup_id"] for item in answers[0].json["items"]] == [
            item["startup_id"] for item in before["items"]
        ]
        assert service.recommend(stranger).json["rung"] == "trending"
        assert eventually(lambda: service.ask("/v1/status").json["breakers"]["database"] != "closed")
        writer.execute("ROLLBACK")
    assert eventually(lambda: not service.recommend(member).json["degraded"])


def test_a_writer_who_locks_everything_holds_neither_scores_nor_batches(start: Any, platform: Any, member: str) -> None:
    """More of them than run at once: where each waited for the lock, all other requests would be turned away."""
    platform.change("PRAGMA journal_mode = DELETE")
    service: LiveService = start(THREADS="2", DATABASE_TIMEOUT_SECONDS="0.05").await_ready()
    pair = {"user_id": member, "startup_id": platform.query("SELECT id FROM startups_startup")[0]}
    everybody = {"user_ids": platform.people(0, 1000)[:50]}
    with closing(sqlite3.connect(platform.database, isolation_level=None, timeout=30)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(6) as pool:
            scores = [pool.submit(ask_platform, service, "/v1/scores", {"pairs": [pair]}) for _ in range(6)]
        assert all(future.result().json["degraded"] for future in scores)
        batch = ask_platform(service, "/v1/batch/recommendations", everybody)
        lists = [json.loads(line)["recommendations"] for line in batch.body.splitlines()]
        assert len(lists) == 50
        assert all(one["degraded"] for one in lists)
        assert max(answer.seconds for answer in (batch, *(future.result() for future in scores))) < A_WHILE
        assert service.recommend(member).status == 200
        writer.execute("ROLLBACK")
    assert eventually(lambda: not ask_platform(service, "/v1/scores", {"pairs": [pair]}).json["degraded"])


def ask_platform(service: LiveService, path: str, body: object) -> Answer:
    return service.ask(path, scope=Scope.PLATFORM, body=body)


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("ALTER TABLE startups_startup RENAME COLUMN phase TO stage_of_growth", "phase"),
        ("ALTER TABLE recommendations_startupembedding RENAME TO somewhere_else", "recommendations_startupembedding"),
        ("ALTER TABLE accounts_profile DROP COLUMN is_public", "is_public"),
    ],
    ids=["a migration ahead renamed a column", "a migration behind lacks a table", "a migration behind lacks a column"],
)
def test_a_schema_that_does_not_fit_is_refused_with_the_difference_named(
    start: Any, platform: Any, member: str, change: str, difference: str
) -> None:
    platform.change(change)
    service: LiveService = start()
    assert eventually(service.is_listening)
    state = service.ask("/readyz")
    assert (state.status, state.json["ready"]) == (503, False)
    assert "the platform's database does not fit" in state.json["problems"][0]
    assert difference in state.json["problems"][0]
    assert "manage.py migrate" in state.json["problems"][0]
    assert service.recommend(member).status == 503


def test_a_file_that_is_no_database_is_told(start: Any, platform: Any) -> None:
    platform.database.write_bytes(b"this is no database, only text that is long enough " * 100)
    service: LiveService = start()
    assert eventually(service.is_listening)
    assert "not a database" in service.ask("/readyz").json["problems"][0]
