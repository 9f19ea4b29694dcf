from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model

from accounts.models import Profile, User
from imports.errors import ImportRefusedError
from imports.models import ImportedBatch, ImportRun
from imports.transaction import settle_imports, whole_or_nothing
from startups.models import FundingRound, Startup, StartupStatus

pytestmark = pytest.mark.django_db(transaction=True)
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="one transaction elsewhere")
BACKEND = Path(__file__).parents[3] / "backend"


def rows() -> tuple[list[User], list[Startup]]:
    owner = User(email="ada@example.org", external_id="u-1")
    statuses = (StartupStatus.ACTIVE, StartupStatus.SOLD, StartupStatus.HIDDEN)
    return [owner], [Startup(title=status, type="marketplace", status=status, owner=owner) for status in statuses]


def write_rows() -> None:
    """Runs in a process of its own, too."""
    people, startups = rows()
    write(people, [Profile(user=people[0])], startups)


def write(*tables: Sequence[Model]) -> None:
    with whole_or_nothing() as writer:
        for table in tables:
            writer.create(table)


def write_in_a_process_that_dies(at: str) -> None:
    """Run the import in a process that is killed where it calls this function."""
    script = f"""
import os, signal
from unittest.mock import patch
import django
django.setup()
from tests.backend.imports.test_transaction import write_rows
with patch({at!r}, lambda *_: os.kill(os.getpid(), signal.SIGKILL)):
    write_rows()
"""
    path = os.pathsep.join([str(BACKEND), str(BACKEND.parent)])
    database = f"sqlite:///{connection.settings_dict['NAME']}"
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": database, "PYTHONPATH": path}
    ended = subprocess.run([sys.executable, "-c", script], env={**os.environ, **environment}, check=False)
    assert ended.returncode == -signal.SIGKILL


def everything() -> int:
    return User.objects.count() + Profile.objects.count() + Startup.objects.count() + ImportedBatch.objects.count()


def seen() -> tuple[bool, list[str]]:
    return User.objects.get().is_active, list(Startup.objects.order_by("title").values_list("status", flat=True))


def test_all_of_it_stays_as_it_was_meant() -> None:
    write_rows()
    assert seen() == (True, ["active", "hidden", "sold"])
    assert not ImportRun.objects.exists()


def test_a_failure_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.short_transactions.ROWS", 1)
    people, startups = rows()
    same = [Startup(pk=startup.pk, title="again", type="marketplace") for startup in startups]
    with pytest.raises(ImportRefusedError, match="the database refused a row"):
        write(people, startups, same)
    assert everything() == ImportRun.objects.count() == 0


def test_what_was_there_before_a_failure_stays(make_startup: Callable[..., Startup]) -> None:
    known = make_startup()
    same = [[FundingRound(startup=known, announced_on="2025-01-01", kind="seed")] for _ in range(2)]
    with pytest.raises(ImportRefusedError, match="the database refused a row"):
        write(*same)
    assert list(Startup.objects.all()) == [known]
    assert not FundingRound.objects.exists()


@on_sqlite
def test_others_write_while_an_import_is_under_way() -> None:
    """The other writer does not wait at all: no lock is held between two transactions."""
    people, startups = rows()
    with whole_or_nothing() as writer:
        writer.create(people)
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as member, member:
            member.execute("DELETE FROM accounts_signup")
        writer.create(startups)
    assert seen() == (True, ["active", "hidden", "sold"])


@on_sqlite
def test_nothing_is_seen_before_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.short_transactions.ROWS", 2)
    people, startups = rows()
    with whole_or_nothing() as writer:
        writer.create(people)
        writer.create(startups)
        assert seen() == (False, ["hidden"] * 3)


@on_sqlite
def test_what_somebody_changed_meanwhile_stays_changed() -> None:
    people, startups = rows()
    with whole_or_nothing() as writer:
        writer.create(people)
        writer.create(startups)
        Startup.objects.filter(title="active").update(status=StartupStatus.CLOSED)
    assert seen() == (True, ["closed", "hidden", "sold"])


@on_sqlite
def test_a_killed_import_shows_nothing_and_is_taken_out_by_the_next() -> None:
    write_in_a_process_that_dies("imports.short_transactions._complete")
    assert seen() == (False, ["hidden"] * 3)

    write_rows()

    assert seen() == (True, ["active", "hidden", "sold"])
    assert not ImportRun.objects.exists()


@on_sqlite
def test_a_killed_import_is_taken_out_before_its_rows_are_looked_at() -> None:
    write_in_a_process_that_dies("imports.short_transactions._complete")
    settle_imports()
    assert everything() == ImportRun.objects.count() == 0


@on_sqlite
def test_an_import_killed_when_all_was_in_is_shown() -> None:
    write_in_a_process_that_dies("imports.short_transactions._show")
    assert seen() == (False, ["hidden"] * 3)
    settle_imports()
    assert seen() == (True, ["active", "hidden", "sold"])
    assert not ImportRun.objects.exists()


@on_sqlite
@pytest.mark.parametrize("command", ["generate_embeddings", "generate_two_tower_dataset"])
def test_whoever_reads_everything_waits_for_an_import(command: str) -> None:
    with (
        whole_or_nothing(),
        pytest.raises(CommandError, match=r"an import into .+ is under way; wait until it is whole"),
    ):
        call_command(command, verbosity=0)


@on_sqlite
def test_a_second_import_is_refused_and_leaves_the_first_alone() -> None:
    people, startups = rows()
    with whole_or_nothing() as writer:
        writer.create(people)
        with pytest.raises(ImportRefusedError, match="is under way"):
            write_rows()
        writer.create(startups)
    assert seen() == (True, ["active", "hidden", "sold"])
