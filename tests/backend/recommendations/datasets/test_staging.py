"""An older dataset stays valid whatever happens to the run that was to replace it."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.dataset import DatasetManifest, DatasetPaths
from recommendations.data_errors import DatasetExportError
from recommendations.datasets import export as export_module
from recommendations.datasets.pair_files import PairFile
from recommendations.datasets.staging import publish, sealed_entry, staging_folder
from recommendations.datasets.summary import DatasetSummary

REPOSITORY = Path(__file__).resolve().parents[4]
Export = Callable[..., DatasetSummary]


def is_valid(paths: DatasetPaths) -> bool:
    """Whether a manifest stands beside exactly the files that it describes."""
    if not paths.manifest.exists():
        return False
    manifest = DatasetManifest.model_validate_json(paths.manifest.read_text())
    files = ((paths.pairs, manifest.pairs), (paths.users, manifest.users), (paths.startups, manifest.startups))
    return all(hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256 for path, entry in files)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.django_db
def test_a_new_dataset_replaces_the_older_one(small_platform: Any, tmp_path: Path, export: Export) -> None:
    export(seed=1)
    before = contents(tmp_path)
    export(seed=2)
    assert is_valid(DatasetPaths(tmp_path / "train.csv"))
    assert contents(tmp_path)["train.csv"] != before["train.csv"]
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["sealed_entry", "event_rows", "startup_batches", "publish"])
@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "is full; free some space"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "make it writable"),
    ],
    ids=["full", "refused"],
)
def test_a_failing_disk_leaves_the_older_dataset(
    step: str,
    failure: OSError,
    message: str,
    small_platform: Any,
    tmp_path: Path,
    export: Export,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export()
    before = contents(tmp_path)

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(export_module, step, fail)
    with pytest.raises(DatasetExportError, match=message):
        export(seed=9)
    assert contents(tmp_path) == before
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.django_db
def test_a_dataset_of_the_other_format_keeps_its_files(small_platform: Any, tmp_path: Path, export: Export) -> None:
    export("train.csv")
    with pytest.raises(DatasetExportError, match=r"train\.csv .* would share its other files"):
        export("train.parquet")
    assert is_valid(DatasetPaths(tmp_path / "train.csv"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.django_db
def test_a_really_full_device_is_told_as_such(
    small_platform: Any, tmp_path: Path, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrow's own writers meet the full device, so its errors must keep their number."""
    monkeypatch.setattr(export_module, "PairFile", _onto("/dev/full", PairFile))
    with pytest.raises(DatasetExportError, match="is full"):
        export()
    assert not list(tmp_path.iterdir())


def _onto(device: str, opener: Any) -> Any:
    def open_there(path: Path, **ids: Any) -> Any:
        path.symlink_to(device)
        return opener(path, **ids)

    return open_there


def test_what_a_killed_run_left_is_removed_a_day_later(tmp_path: Path) -> None:
    target = DatasetPaths(tmp_path / "train.csv")
    abandoned, running = tmp_path / ".train.old.partial", tmp_path / ".train.new.partial"
    abandoned.mkdir()
    running.mkdir()
    os.utime(abandoned, (0, 0))
    with staging_folder(target):
        pass
    assert not abandoned.exists()
    assert running.exists()


WRITER = """
    import os, signal, sys
    from pathlib import Path
    from contracts.dataset import DatasetPaths
    from recommendations.datasets import staging

    target, kill_at = DatasetPaths(Path(sys.argv[1])), int(sys.argv[2])
    calls = 0

    def counted(operation):
        def run(*arguments, **options):
            global calls
            if calls == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            calls += 1
            return operation(*arguments, **options)
        return run

    for name in ("write_text", "replace", "unlink"):
        setattr(Path, name, counted(getattr(Path, name)))
    with staging.staging_folder(target) as staged:
        for name in ("users", "startups", "pairs", "manifest"):
            getattr(staged, name).write_text("new " + name)
        staging.publish(staged, target)
"""
STEPS = 9
"""Four writes, one removal, four renames."""


@pytest.mark.parametrize("kill_at", range(STEPS + 1))
def test_a_run_killed_at_any_step_never_leaves_a_mixture(kill_at: int, tmp_path: Path) -> None:
    """Killed while writing: the older dataset. Killed while it is put in place: no manifest. Never a wrong one."""
    target = DatasetPaths(tmp_path / "train.csv")
    names = ("users", "startups", "pairs", "manifest")
    for name in names:
        getattr(target, name).write_text(f"old {name}")
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(target.pairs), str(kill_at)],
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY / 'backend'}{os.pathsep}{REPOSITORY}"},
        check=False,
    )
    assert killed.returncode == (0 if kill_at == STEPS else -signal.SIGKILL)
    texts = {name: getattr(target, name).read_text() if getattr(target, name).exists() else None for name in names}
    if kill_at <= 4:
        assert texts == {name: f"old {name}" for name in names}
    elif kill_at < STEPS:
        assert texts["manifest"] is None
    else:
        assert texts == {name: f"new {name}" for name in names}


def test_sealed_entry_tells_size_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(b"abc")
    entry = sealed_entry(path, 7)
    assert (entry.name, entry.rows, entry.bytes) == ("train.csv", 7, 3)
    assert entry.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_publishing_over_nothing_works(tmp_path: Path) -> None:
    target = DatasetPaths(tmp_path / "train.csv")
    with staging_folder(target) as staged:
        for name in ("users", "startups", "pairs", "manifest"):
            getattr(staged, name).write_text(name)
        publish(staged, target)
    assert {path.name for path in tmp_path.iterdir()} == {
        "train.csv",
        "train.users.parquet",
        "train.startups.parquet",
        "train.manifest.json",
    }
