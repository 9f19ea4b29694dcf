"""Both houses on either database by one command, as docs/operations.md says."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.live_service import free_port

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("script", ["run.py", "demo.py"])
@pytest.mark.parametrize("house", ["platform", "service"])
def test_a_taken_port_is_refused_before_anything_starts(house: str, script: str) -> None:
    ports = {"platform": free_port(), "service": free_port()}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[house]))
        taken.listen()
        ran = _run(script, "--exit", *(part for name, port in ports.items() for part in (f"--{name}-port", str(port))))
    assert ran.returncode == 1
    assert f"port {ports[house]} cannot be had" in ran.stderr
    assert f'_ARGS="--{house}-port ' in ran.stderr
    assert ran.stdout == ""


def test_a_port_beyond_all_ports_is_refused() -> None:
    ran = _run("run.py", "--exit", "--platform-port", str(free_port()), SERVICE_PORT="70000")
    assert ran.returncode == 1
    assert "port 70000 cannot be had" in ran.stderr


def _run(script: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, f"deploy/{script}", *options]
    variables = {**os.environ, **environment}
    return subprocess.run(command, cwd=REPOSITORY, env=variables, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_one_command_runs_both_houses(database: str) -> None:
    # Not pytest's own folder: PostgreSQL's server runs as a user of its own, who may not enter it.
    with tempfile.TemporaryDirectory(prefix="launchmatch-run-") as name:
        folder = Path(name)
        url = {} if database == "postgresql" else {"DATABASE_URL": f"sqlite:///{folder / 'platform.sqlite3'}"}
        places = {"MODELS_DIR": str(folder / "models"), "STATE_DIR": str(folder / "state")}
        command = ["deploy/run.py", "--exit", "--folder", name]
        ports = ["--platform-port", str(free_port()), "--service-port", str(free_port())]
        ran = subprocess.run(
            [sys.executable, *command, *ports, *(["--postgres"] if database == "postgresql" else [])],
            cwd=REPOSITORY,
            env={**os.environ, **places, **url},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        logs = [file.read_text()[-1500:] for file in (folder / "logs").glob("*.log")]
    assert ran.returncode == 0, (ran.stderr, logs)
    assert "Ready." in ran.stdout
