"""A service of its own for each test, over a copy of one small platform, and what can be done to it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import UUID

import pytest

from recommendation_service.engines.model_registry import ModelRegistry
from tests.live_service import LiveService

Start = Callable[..., LiveService]
TEST_DEADLINE = "0.5"
"""Ten times the default, because the machines that run tests do much else at the same time."""
PEOPLE_BY_ACTS = """
    SELECT u.id FROM accounts_user u LEFT JOIN interactions_interactionevent e ON e.user_id = u.id
    GROUP BY u.id HAVING COUNT(DISTINCT e.startup_id) BETWEEN ? AND ? ORDER BY u.id
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each starts a process, which takes seconds."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


class Platform:
    """A folder with a SQLite database of a small simulated platform and a registry with one active version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "platform.sqlite3"
        self.url = f"sqlite:///{self.database}"
        self.registry = ModelRegistry(folder / "models")

    def query(self, sql: str, *values: object) -> list[str]:
        """The first column of a query, as UUIDs."""
        with closing(sqlite3.connect(self.database)) as connection:
            return [str(UUID(row[0])) for row in connection.execute(sql, values)]

    def change(self, sql: str, *values: object) -> None:
        """Change what the platform holds."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            connection.execute(sql, values)

    def people(self, least: int, most: int) -> list[str]:
        """People who acted on so many startups."""
        return self.query(PEOPLE_BY_ACTS, least, most)

    def another_version(self) -> str:
        """One more version in the registry, whole, not active."""
        active = self.registry.active()
        assert active is not None
        return self.registry.save(self.registry.load_recommender(active)).version

    def model_file(self, version: str) -> Path:
        """The weights of a version."""
        return self.registry.folder / f"{version}.pth"


def copy_platform(built: Path, folder: Path) -> Platform:
    """A copy that a test may break."""
    shutil.copy(built / "platform.sqlite3", folder)
    shutil.copytree(built / "models", folder / "models")
    return Platform(folder)


@pytest.fixture
def platform(built_platform: Path, tmp_path: Path) -> Platform:
    """A platform of the test's own."""
    return copy_platform(built_platform, tmp_path)


@pytest.fixture
def start(platform: Platform) -> Iterator[Start]:
    """`start(SETTING="value")`: a service over the platform, ended with the test."""
    with ExitStack() as running:

        def begin(database_url: str | None = None, **settings: str) -> LiveService:
            patient = {"DATABASE_TIMEOUT_SECONDS": TEST_DEADLINE, **settings}
            return running.enter_context(LiveService(platform.folder, database_url or platform.url, **patient))

        yield begin


@pytest.fixture
def service(start: Start) -> LiveService:
    """A service that answers."""
    return start().await_ready()


@pytest.fixture
def member(platform: Platform) -> str:
    """A person with some history."""
    return platform.people(5, 20)[0]


@pytest.fixture(scope="module")
def service_of_module(built_platform: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service that answers, for the tests of a module that leave it as it is."""
    platform = copy_platform(built_platform, tmp_path_factory.mktemp("platform"))
    with LiveService(platform.folder, platform.url) as running:
        yield running.await_ready()
