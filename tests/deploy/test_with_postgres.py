"""A PostgreSQL server for the length of one command, however that ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.live_service import eventually

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "with_postgres.py"
pytestmark = pytest.mark.slow


def test_the_status_of_the_command_is_passed_on() -> None:
    code = "import os, sys; sys.exit(7 if os.environ['DATABASE_URL'].startswith('postgresql://') else 1)"
    assert subprocess.run([sys.executable, SCRIPT, "--", sys.executable, "-c", code], check=False).returncode == 7


def test_a_command_that_is_none_is_named() -> None:
    ran = subprocess.run([sys.executable, SCRIPT, "--", "no-such"], capture_output=True, text=True, check=False)
    assert ran.returncode == 127
    assert "with_postgres: no-such cannot be run" in ran.stderr


def test_no_server_outlives_a_runner_that_is_told_to_end(tmp_path: Path) -> None:
    told = tmp_path / "url"
    shell = f'echo "$DATABASE_URL" > {told}.part; mv {told}.part {told}; exec sleep 300'
    runner = subprocess.Popen([sys.executable, SCRIPT, "--", "bash", "-c", shell])
    try:
        assert eventually(told.exists)
        folder = Path(parse_qs(urlsplit(told.read_text().strip()).query)["host"][0])
        server = int((folder / "postmaster.pid").read_text().split()[0])
        assert _lives(server)
        runner.send_signal(signal.SIGTERM)
        assert runner.wait(60) == 128 + signal.SIGINT
        assert eventually(lambda: not _lives(server))
        assert not folder.exists()
    finally:
        runner.kill()


def _lives(process: int) -> bool:
    return Path(f"/proc/{process}").exists()
