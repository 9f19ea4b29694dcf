"""What happens to people and startups between two calls, and records that no honest program writes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import numpy as np
import pytest

from contracts.access import Scope
from tests.live_service import LiveService, eventually

EMBEDDING_DIM = 384


def offered(service: LiveService, person: str, limit: int = 100) -> list[str]:
    answer = service.recommend(person, limit=limit)
    assert answer.status == 200, answer.body
    return [item["startup_id"] for item in answer.json["items"]]


def erase_person(platform: Any, person: str) -> None:
    """With all that hangs on them, as the platform erases an account."""
    with closing(sqlite3.connect(platform.database, timeout=30)) as connection, connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            if "user_id" in columns:
                connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (UUID(person).hex,))
        connection.execute("DELETE FROM accounts_user WHERE id = ?", (UUID(person).hex,))


def test_a_person_erased_between_two_calls_is_nobody(service: LiveService, platform: Any, member: str) -> None:
    assert service.recommend(member).status == 200
    erase_person(platform, member)
    gone, never = service.recommend(member), service.recommend(uuid4())
    assert (gone.status, never.status) == (404, 404)
    assert gone.json["detail"].replace(member, "") == f"there is no user {member}".replace(member, "")


def test_a_startup_erased_or_hidden_between_two_calls_is_shown_no_more(
    service: LiveService, platform: Any, member: str
) -> None:
    hidden, erased = offered(service, member)[:2]
    platform.change("UPDATE startups_startup SET status = 'hidden' WHERE id = ?", UUID(hidden).hex)
    for table in ("recommendations_startupembedding", "interactions_interactionevent", "startups_position"):
        platform.change(f"DELETE FROM {table} WHERE startup_id = ?", UUID(erased).hex)
    platform.change("DELETE FROM startups_startup WHERE id = ?", UUID(erased).hex)
    assert eventually(lambda: not {hidden, erased} & set(offered(service, member)))
    assert service.ask(f"/v1/startups/{hidden}/similar").status == 404
    assert service.ask(f"/v1/startups/{erased}/similar").status == 404


def test_an_empty_catalogue_is_an_honest_empty_list(service: LiveService, platform: Any, member: str) -> None:
    platform.change("UPDATE startups_startup SET status = 'hidden'")
    assert eventually(lambda: offered(service, member) == [])
    answer = service.recommend(member).json
    assert (answer["items"], answer["exhausted"], answer["next_cursor"]) == ([], True, None)
    assert service.is_ready()


def test_a_catalogue_that_is_empty_at_start_fills(start: Any, platform: Any, member: str) -> None:
    platform.change("UPDATE startups_startup SET status = 'hidden'")
    service: LiveService = start().await_ready()
    assert offered(service, member) == []
    platform.change("UPDATE startups_startup SET status = 'active'")
    assert eventually(lambda: offered(service, member) != [])


def add_event(platform: Any, person: str, startup: str, kind: str, key: str) -> None:
    platform.change(
        "INSERT INTO interactions_interactionevent "
        "(user_id, startup_id, type, occurred_at, recorded_at, idempotency_key) "
        "VALUES (?, ?, ?, '2026-01-01 12:00:00', '2026-01-01 12:00:00', ?)",
        UUID(person).hex,
        UUID(startup).hex,
        kind,
        key,
    )


def test_somebody_who_has_seen_everything_gets_an_empty_list_that_says_so(
    service: LiveService, platform: Any, member: str
) -> None:
    for number, startup in enumerate(platform.query("SELECT id FROM startups_startup")):
        add_event(platform, member, startup, "like", f"all-{number}")
    answer = service.recommend(member).json
    assert (answer["items"], answer["exhausted"]) == ([], True)


def test_events_that_arrive_twice_or_again_count_once(service: LiveService, platform: Any, member: str) -> None:
    startup = offered(service, member)[0]
    add_event(platform, member, startup, "like", "once")
    once = service.recommend(member, limit=100).json
    with pytest.raises(sqlite3.IntegrityError):
        add_event(platform, member, startup, "like", "once")
    for number in range(20):
        add_event(platform, member, startup, "like", f"replayed-{number}")
    again = service.recommend(member, limit=100).json
    assert startup not in {item["startup_id"] for item in again["items"]}
    assert (once["segment"], once["items"]) == (again["segment"], again["items"])


BROKEN_VECTORS: dict[str, bytes] = {
    "missing": b"",
    "too short": np.ones(10, np.float32).tobytes(),
    "too long": np.ones(EMBEDDING_DIM + 1, np.float32).tobytes(),
    "no whole numbers of bytes": b"abc",
    "zero": np.zeros(EMBEDDING_DIM, np.float32).tobytes(),
    "NaN": np.full(EMBEDDING_DIM, np.nan, np.float32).tobytes(),
    "infinite": np.full(EMBEDDING_DIM, np.inf, np.float32).tobytes(),
    "huge": np.full(EMBEDDING_DIM, 3e38, np.float32).tobytes(),
}
USABLE = {BROKEN_VECTORS["huge"]}
"""It is finite, and of a text only the direction counts."""


def test_startups_with_broken_embeddings_are_counted_and_never_ranked_first_for_it(start: Any, platform: Any) -> None:
    """They stand exactly where they would without an embedding, for everybody; how many there are is told."""
    open_startups = "SELECT id FROM startups_startup WHERE status = 'active' AND closed_at IS NULL ORDER BY id"
    broken = dict(zip(platform.query(open_startups), BROKEN_VECTORS.values(), strict=False))
    assert len(broken) == len(BROKEN_VECTORS)
    for startup, vector in broken.items():
        platform.change(
            "UPDATE recommendations_startupembedding SET vector = ? WHERE startup_id = ?", vector, UUID(startup).hex
        )
    damaged: LiveService = start(STATE_DIR=str(platform.folder / "damaged")).await_ready()
    told = " ".join(damaged.readiness()["problems"])
    unusable = [startup for startup, vector in broken.items() if vector not in USABLE]
    assert f"embeddings: {len(unusable)} of startups are of the wrong size, zero or not finite" in told
    assert "generate_embeddings" in told
    people = platform.people(0, 1000)[:30]
    counted = figure(damaged, "startups_without_text")
    found = [ranking(damaged, person) for person in people]
    assert any(set(broken) & set(places) for places in found)
    damaged.stop()

    for startup in unusable:
        platform.change("DELETE FROM recommendations_startupembedding WHERE startup_id = ?", UUID(startup).hex)
    without: LiveService = start(STATE_DIR=str(platform.folder / "without")).await_ready()
    assert "embeddings:" not in " ".join(without.readiness()["problems"])
    assert figure(without, "startups_without_text") == counted >= len(unusable)
    assert [ranking(without, person) for person in people] == found


def figure(service: LiveService, name: str) -> float:
    lines = service.ask("/metrics").body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"launchmatch_service_{name} "))


def ranking(service: LiveService, person: str) -> list[str]:
    """What a person is offered, by scores that are finite and fall."""
    answer = service.recommend(person, limit=100)
    assert answer.status == 200
    items = answer.json["items"]
    scores = [item["score"] for item in items]
    assert np.isfinite(scores).all()
    assert scores == sorted(scores, reverse=True)
    return [item["startup_id"] for item in items]


def test_a_catalogue_half_re_encoded_is_served_by_the_texts_of_the_model_and_says_so(
    service: LiveService, platform: Any, member: str
) -> None:
    """The others are still found by all else that is known of them."""
    half = platform.query("SELECT id FROM startups_startup ORDER BY id")[::2]
    for startup in half:
        platform.change(
            "UPDATE recommendations_startupembedding SET model_id = 'another', vector = ?, updated_at = ? "
            "WHERE startup_id = ?",
            np.full(EMBEDDING_DIM, 1e3, np.float32).tobytes(),
            str(datetime.now(UTC).replace(tzinfo=None)),
            UUID(startup).hex,
        )
    told = "are not by hashing, whose texts are compared"
    assert eventually(lambda: told in " ".join(service.readiness()["problems"]))
    platform.change("UPDATE recommendations_userembedding SET model_id = 'another' WHERE user_id = ?", UUID(member).hex)
    answer = service.recommend(member, limit=100).json
    assert (answer["rung"], answer["degraded"]) == ("two_tower", False)
    assert set(half) & {item["startup_id"] for item in answer["items"]}


def test_a_person_with_a_broken_embedding_is_answered(service: LiveService, platform: Any, member: str) -> None:
    for vector in BROKEN_VECTORS.values():
        platform.change(
            "UPDATE recommendations_userembedding SET vector = ? WHERE user_id = ?", vector, UUID(member).hex
        )
        assert offered(service, member)


LIMITS = ("0", "-1", "1000000000", "NaN", "%2210%22", "null", "1.5", "", "%00", "10%20", "+10", "0x10", "\u0661\u0660")


@pytest.mark.parametrize("limit", LIMITS)
def test_limits_that_are_none_are_refused_with_the_value(service_of_module: LiveService, limit: str) -> None:
    answer = service_of_module.ask(
        f"/v1/users/{uuid4()}/recommendations?limit={quote(limit, safe='%')}", scope=Scope.PLATFORM
    )
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "1 to 100" in answer.json["detail"]


IDS = ("1", "x" * 3000, "%00", "..%2f..%2fetc%2fpasswd", "%ed%a0%80", "123e4567e89b12d3a456426614174000", "{}", "null")


@pytest.mark.parametrize("identity", IDS)
def test_ids_that_are_none_are_refused(service_of_module: LiveService, identity: str) -> None:
    answer = service_of_module.ask(f"/v1/users/{identity}/recommendations", scope=Scope.PLATFORM)
    assert 400 <= answer.status < 500
    assert answer.json["status"] == answer.status


def test_unknown_fields_are_refused(service_of_module: LiveService) -> None:
    query = service_of_module.ask(f"/v1/users/{uuid4()}/recommendations?limt=3", scope=Scope.PLATFORM)
    body = service_of_module.ask("/v1/refresh", scope=Scope.PLATFORM, body={"startups": []})
    assert (query.status, body.status) == (422, 422)
    assert "limt" in query.json["detail"]
    assert "startups" in body.json["detail"]
