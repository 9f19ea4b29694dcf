from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from recommendation_service.engines.checkpoints import CheckpointFolder
from recommendation_service.engines.errors import TrainingError

CPU = torch.device("cpu")


def test_round_trip(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path / "new", "f")
    folder.save("last", {"network": {"w": torch.arange(3.0)}, "history": [{"epoch": 0}]})
    loaded = folder.load("last", CPU)
    assert loaded is not None
    assert torch.equal(loaded["network"]["w"], torch.arange(3.0))
    assert loaded["history"] == [{"epoch": 0}]
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["last.checkpoint.pth"]


def test_none_there(tmp_path: Path) -> None:
    assert CheckpointFolder(tmp_path, "f").load("last", CPU) is None


def test_another_training_is_refused(tmp_path: Path) -> None:
    CheckpointFolder(tmp_path, "one").save("last", {})
    with pytest.raises(TrainingError, match="belongs to another dataset, split or configuration"):
        CheckpointFolder(tmp_path, "two").load("last", CPU)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "last.checkpoint.pth").write_bytes(content)
    with pytest.raises(TrainingError, match="is damaged; train without --resume"):
        CheckpointFolder(tmp_path, "f").load("last", CPU)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path, "f")
    folder.save("last", {"w": torch.zeros(1000)})
    file = tmp_path / "last.checkpoint.pth"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(TrainingError, match="is damaged"):
        folder.load("last", CPU)


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("exploded",)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"fingerprint": "f", "state": Bomb()}, tmp_path / "last.checkpoint.pth")
    with pytest.raises(TrainingError, match="is damaged"):
        CheckpointFolder(tmp_path, "f").load("last", CPU)
    assert not (tmp_path / "exploded").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="cannot write the checkpoint"):
        CheckpointFolder(tmp_path / "file", "f").save("last", {})


def test_clear_removes_checkpoints_only(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path, "f")
    folder.save("last", {})
    (tmp_path / "notes.txt").write_text("keep")
    folder.clear()
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_never_saved(tmp_path: Path, value: float) -> None:
    folder = CheckpointFolder(tmp_path, "f")
    folder.save("last", {"network": {"w": torch.ones(2)}})
    with pytest.raises(TrainingError, match="did not stay finite: w holds NaN or infinity"):
        folder.save("last", {"network": {"w": torch.tensor([1.0, value])}})
    kept = folder.load("last", CPU)
    assert kept is not None
    assert torch.equal(kept["network"]["w"], torch.ones(2))


def test_what_a_killed_process_left_half_written_is_cleared(tmp_path: Path) -> None:
    half = tmp_path / ".search-last.checkpoint.pth.123.abcd.tmp"
    half.write_bytes(b"half")
    CheckpointFolder(tmp_path, "f").clear()
    assert not half.exists()
