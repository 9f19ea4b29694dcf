"""Both houses on either database by one command, as docs/operations.md says."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.live_service import free_port

REPOSITORY = Path(__file__).resolve().parents[2]


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
