"""Fixtures of every test: where the test database lives."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep the SQLite test database in a file of this run, so that threads and processes truly share and contend."""
    database: dict[str, Any] = django_settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database.setdefault("TEST", {})["NAME"] = str(path)
