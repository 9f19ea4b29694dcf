from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from uuid import UUID, uuid4

import numpy as np
import pytest

from contracts.api import Rung, Segment, StartupFilters
from recommendation_service.adapters.kept_list_files import KeptListFiles
from recommendation_service.services.kept_lists import KeptList, ListNotKeptError


def a_list(places: int = 500) -> KeptList:
    return KeptList(
        id=uuid4(),
        user_id=uuid4(),
        generated_at=datetime(2026, 1, 1, 12, 30, 0, 123456, tzinfo=UTC),
        segment=Segment.WARM,
        rung=Rung.TWO_TOWER,
        engine="two_tower",
        model_version="two_tower_v1",
        problems=("ensemble: the engine ensemble failed",),
        filters=StartupFilters(category="日本", created_after=datetime(2025, 1, 1, tzinfo=UTC)),
        complete=True,
        startup_ids=b"".join(uuid4().bytes for _ in range(places)),
        scores=np.linspace(1, 0, places, dtype=np.float32),
    )


def told(kept: KeptList | None) -> dict[str, object]:
    assert kept is not None
    found = {field.name: getattr(kept, field.name) for field in fields(kept)}
    return {**found, "scores": kept.scores.tolist()}


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is full after so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lists"


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


@pytest.mark.parametrize("places", [1, 500])
def test_another_process_reads_what_was_kept(folder: Path, places: int) -> None:
    kept = a_list(places)
    KeptListFiles(folder).keep(kept)
    assert told(KeptListFiles(folder).find(kept.id)) == told(kept)


def test_what_was_never_kept_is_none(folder: Path) -> None:
    assert KeptListFiles(folder).find(uuid4()) is None
    assert KeptListFiles(folder).sweep() == 0


@pytest.mark.parametrize("cut", [0, 3, 100, -1])
def test_a_file_cut_short_is_no_list(folder: Path, cut: int) -> None:
    kept, lists = a_list(), KeptListFiles(folder)
    lists.keep(kept)
    only_file(folder).write_bytes(only_file(folder).read_bytes()[:cut])
    assert lists.find(kept.id) is None


@pytest.mark.parametrize("place", [0, 5, 20, 400, -1])
def test_a_file_with_a_flipped_byte_is_no_list(folder: Path, place: int) -> None:
    kept, lists = a_list(), KeptListFiles(folder)
    lists.keep(kept)
    content = bytearray(only_file(folder).read_bytes())
    content[place] ^= 0xFF
    only_file(folder).write_bytes(content)
    assert lists.find(kept.id) is None


def test_a_list_ages_out_and_is_swept(folder: Path) -> None:
    lists, old, young = KeptListFiles(folder, keep_for=timedelta(minutes=15)), a_list(), a_list()
    lists.keep(old)
    age(only_file(folder), minutes=16)
    lists.keep(young)
    assert lists.find(old.id) is None
    assert lists.sweep() == 1
    assert told(lists.find(young.id)) == told(young)


def test_of_too_many_lists_the_oldest_are_swept(folder: Path) -> None:
    lists, kept = KeptListFiles(folder, most=2), [a_list(3) for _ in range(5)]
    for minutes, one in enumerate(kept):
        lists.keep(one)
        age(folder / f"{one.id.hex}.list", minutes=minutes)
    assert lists.sweep() == 3
    assert [lists.find(one.id) is not None for one in kept] == [True, True, False, False, False]


def test_foreign_files_are_left_alone(folder: Path) -> None:
    lists = KeptListFiles(folder)
    lists.keep(a_list())
    (folder / "README").write_text("mine")
    age(folder / "README", minutes=60)
    lists.sweep()
    assert (folder / "README").exists()


def test_a_full_disk_is_told_and_leaves_nothing_behind(folder: Path) -> None:
    lists = KeptListFiles(folder)
    folder.mkdir()
    with files_no_larger_than(1000), pytest.raises(ListNotKeptError, match="only 1000 of"):
        lists.keep(a_list())
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ListNotKeptError, match="Not a directory"):
        KeptListFiles(tmp_path / "file" / "lists").keep(a_list())


def test_a_folder_that_was_removed_is_made_again(folder: Path) -> None:
    lists, kept = KeptListFiles(folder), a_list()
    lists.keep(a_list())
    only_file(folder).unlink()
    folder.rmdir()
    lists.keep(kept)
    assert told(lists.find(kept.id)) == told(kept)


def test_the_sweeper_sweeps_until_it_is_stopped(folder: Path) -> None:
    lists = KeptListFiles(folder, most=1)
    lists.keep(a_list())
    lists.keep(a_list())
    lists.start(every=timedelta(milliseconds=5))
    deadline = time() + 10
    while len(list(folder.iterdir())) > 1 and time() < deadline:
        pass
    lists.stop()
    assert len(list(folder.iterdir())) == 1


def test_names_are_made_of_ids_alone(folder: Path) -> None:
    KeptListFiles(folder).keep(kept := a_list())
    assert only_file(folder).name == f"{UUID(str(kept.id)).hex}.list"


def age(file: Path, *, minutes: float) -> None:
    os.utime(file, (time() - 60 * minutes,) * 2)


def test_a_list_that_is_shown_again_is_kept_on(folder: Path) -> None:
    lists, kept = KeptListFiles(folder), a_list()
    lists.keep(kept)
    age(only_file(folder), minutes=14.9)
    assert lists.keep_on(kept.id)
    assert time() - only_file(folder).stat().st_mtime < 60
    assert told(lists.find(kept.id)) == told(kept)


def test_a_list_that_is_gone_cannot_be_kept_on(folder: Path) -> None:
    lists, kept = KeptListFiles(folder), a_list()
    assert not lists.keep_on(kept.id)
    lists.keep(kept)
    only_file(folder).unlink()
    assert not lists.keep_on(kept.id)
