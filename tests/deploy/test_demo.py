"""Which platform the demo shows: the one of the data that was named, made once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.live_service import free_port

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
Demo = Callable[..., list[str]]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    """Runs the demo without its work; tells the name of every data command that it would run."""
    monkeypatch.syspath_prepend(str(DEPLOY))
    import demo as script

    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> SimpleNamespace:
        ran.append(command)
        return SimpleNamespace(returncode=0, stdout='[{"role": "r", "id": "1", "email": "e", "password": "p"}]')

    idle = SimpleNamespace(start=lambda: 0, check=lambda _: 0, check_console=lambda _: 0, addresses=lambda: "")
    monkeypatch.setattr(script, "PLATFORMS", tmp_path / "demo")
    monkeypatch.setattr(script, "Servers", lambda *_, **__: nullcontext(idle))
    monkeypatch.setattr(subprocess, "run", run)
    ports = ("--platform-port", str(free_port()), "--service-port", str(free_port()))

    def show(*options: str) -> list[str]:
        ran.clear()
        assert script.main(["--exit", *ports, *options]) == 0
        known = {"import_crunchbase", "seed_platform", "generate_two_tower_dataset", "train_two_tower.py"}
        return [word for command in ran for word in command if word in known]

    stopped_by = signal.getsignal(signal.SIGTERM)
    yield show
    signal.signal(signal.SIGTERM, stopped_by)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "crunch2013.zip"
    file.write_bytes(b"an export")
    return file


CRUNCHBASE = ["import_crunchbase", "generate_two_tower_dataset", "train_two_tower.py"]


def test_the_same_file_is_imported_once_wherever_it_lies(demo: Demo, export: Path, tmp_path: Path) -> None:
    assert demo("--data", str(export)) == CRUNCHBASE
    assert demo("--data", str(export)) == []
    moved = export.rename(tmp_path / "moved.zip")
    assert demo("--data", str(moved)) == []


def test_another_and_a_changed_file_are_imported_and_trained_on(demo: Demo, export: Path, tmp_path: Path) -> None:
    demo("--data", str(export))
    other = tmp_path / "other.zip"
    other.write_bytes(b"another export")
    assert demo("--data", str(other)) == CRUNCHBASE
    export.write_bytes(b"a changed export")
    assert demo("--data", str(export)) == CRUNCHBASE
    assert demo("--data", str(other)) == []


def test_an_unpacked_export_is_told_by_all_its_files(demo: Demo, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / "a.csv").write_text("1")
    assert demo("--data", str(folder)) == CRUNCHBASE
    (folder / "b.csv").write_text("2")
    assert demo("--data", str(folder)) == CRUNCHBASE
    assert demo("--data", str(folder)) == []
    (folder / "b.csv").rename(folder / "c.csv")
    assert demo("--data", str(folder)) == CRUNCHBASE


def test_the_simulated_platform_is_one_of_its_own(demo: Demo, export: Path) -> None:
    demo("--data", str(export))
    assert demo()[0] == "seed_platform"
    assert demo() == []


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    missing = tmp_path / "none.zip"
    command = [sys.executable, "deploy/demo.py", "--data", str(missing)]
    ran = subprocess.run(command, cwd=DEPLOY.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.strip() == f"demo: there is no file {missing}; give the path of Crunchbase's crunch2013.zip"
