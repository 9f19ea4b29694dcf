"""The commands of the guides, run as printed, on a tiny platform in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
COPIED = ("backend", "contracts", "recommendation_service", "docs", "pyproject.toml")
GUIDES = ("recommendation_service/QUICK_START.md", "recommendation_service/TWO_TOWER_TRAINING_GUIDE.md")
FENCE = re.compile(r"^```bash(?P<kind>[^\n]*)\n(?P<script>.*?)^```$", re.MULTILINE | re.DOTALL)
TINY = {
    r"--users \d+": "--users 60",
    r"--startups \d+": "--startups 40",
    r"--days \d+": "--days 30",
    r"--epochs \d+": "--epochs 1",
}
PORT = 5001


def blocks(guide: str) -> list[tuple[str, str]]:
    """(kind, script) of each bash fence of a guide; the kind is what stands after `bash`."""
    text = (REPOSITORY / guide).read_text()
    return [(fence["kind"].strip(), fence["script"]) for fence in FENCE.finditer(text)]


def tiny(script: str) -> str:
    """The script with sizes that need only seconds."""
    for pattern, replacement in TINY.items():
        script = re.sub(pattern, replacement, script)
    return script


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository without what was generated in it."""
    ignored = shutil.ignore_patterns("__pycache__", "data", "models", "*.sqlite3*", ".env")
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / "var").mkdir()
    return tmp_path


def environment(folder: Path, port: int) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'var' / 'launchmatch.sqlite3'}",
        "TEXT_ENCODER": "hashing",
        "OMP_NUM_THREADS": "1",
        "SERVICE_PORT": str(port),
    }


def run(script: str, folder: Path, port: int) -> None:
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tiny(script).replace(f":{PORT}/", f":{port}/")],
        cwd=folder,
        env=environment(folder, port),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, f"{script}\n{finished.stdout[-3000:]}\n{finished.stderr[-3000:]}"


@contextmanager
def server(script: str, folder: Path, port: int) -> Iterator[None]:
    """A server of the guide, which answers until the guide ends."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env=environment(folder, port),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_listening(process, port, log)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"the server did not listen: {log.read_text()[-3000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_the_commands_of_the_guides_run_as_printed(copy: Path) -> None:
    port = free_port()
    with ExitStack() as servers:
        for guide in GUIDES:
            for kind, script in blocks(guide):
                if kind == "server":
                    servers.enter_context(server(script, copy, port))
                elif kind == "":
                    run(script, copy, port)
                else:
                    assert kind == "install", f"{guide}: unknown kind of fence {kind!r}"


def test_each_guide_has_commands() -> None:
    assert all(len(blocks(guide)) >= 3 for guide in GUIDES)
