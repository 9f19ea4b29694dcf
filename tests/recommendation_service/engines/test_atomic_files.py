from __future__ import annotations

from pathlib import Path

import pytest

from recommendation_service.engines.atomic_files import atomic_path, obstacle_to, write_atomically


def test_writes_and_makes_the_folder(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.json"
    write_atomically(target, b"whole")
    assert target.read_bytes() == b"whole"
    assert [file.name for file in target.parent.iterdir()] == ["file.json"]


def test_a_failure_keeps_the_old_content_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    write_atomically(target, b"old")

    def half_written() -> None:
        with atomic_path(target) as temporary:
            temporary.write_bytes(b"ha")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        half_written()
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file.json"]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "file"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_temporary_file_lies_in_the_same_folder_and_matches_no_pattern_of_finished_files(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "two_tower_v1.json") as temporary:
        assert temporary.parent == tmp_path
        temporary.write_bytes(b"{}")
        assert list(tmp_path.glob("two_tower_v*.json")) == []


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder").write_bytes(b"")
    with pytest.raises(OSError):
        write_atomically(tmp_path / "folder" / "file", b"x")


def test_nothing_is_in_the_way_of_a_file_in_folders_yet_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert obstacle_to(tmp_path / "new" / "folder" / "file") is None
    assert obstacle_to(Path("file")) is None
    (tmp_path / "file").write_bytes(b"old")
    assert obstacle_to(tmp_path / "file") is None
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_what_is_in_the_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert obstacle_to(tmp_path) == f"{tmp_path} is a folder"
    assert obstacle_to(tmp_path / "file" / "deep" / "er") == f"{tmp_path / 'file'} is not a folder"
    monkeypatch.setattr("os.access", lambda *_: False)
    assert obstacle_to(tmp_path / "new" / "file") == f"the folder {tmp_path} may not be written to"
