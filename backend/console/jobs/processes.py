"""The processes of a job: how they are started, recognised and ended."""

from __future__ import annotations

import os
import signal
import subprocess  # nosec B404
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from console.jobs.folders import JobFolder
from console.jobs.steps import BACKEND

MARK = "LAUNCHMATCH_JOB"
"""The environment variable by which every process of a job is recognised, also when its runner is gone."""

_IN_BACKGROUND = '"$@" </dev/null >>"$LOG" 2>&1 &'
"""The shell ends at once, so that the runner belongs to nobody who could end it or leave it unreaped."""


def start_runner(job_id: UUID) -> None:
    """Start `manage.py run_job` in a session of its own: it goes on when the web server ends.

    Raises:
        OSError: If its folder cannot be made or no process started.
    """
    folder = JobFolder(job_id)
    folder.path.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "manage.py", "run_job", str(job_id)]
    subprocess.run(  # nosec B603 # noqa: S603 - fixed words and a UUID
        ["/bin/sh", "-c", _IN_BACKGROUND, "sh", *command],
        cwd=BACKEND,
        env={**job_environment(job_id), "LOG": str(folder.log)},
        start_new_session=True,
        check=True,
    )


def job_environment(job_id: UUID) -> Mapping[str, str]:
    """The environment of a job's processes: the web server's own, and the mark."""
    return {**os.environ, MARK: str(job_id), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}


def end_processes(job_id: UUID) -> int:
    """Kill whatever still runs for a job whose runner fell silent, and say how many processes that were.

    They are found by their mark, never by a number noted earlier, which another process may have by now; where the
    system does not show it (no /proc), none is found.
    """
    mark = f"{MARK}={job_id}".encode()
    found = [process for process in Path("/proc").glob("[0-9]*") if mark in _environment_of(process)]
    for process in found:
        _kill(int(process.name))
    return len(found)


def _environment_of(process: Path) -> list[bytes]:
    """Its variables; none for somebody else's process, or one that is gone."""
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _kill(process_id: int) -> None:
    try:
        os.kill(process_id, signal.SIGKILL)
    except ProcessLookupError:
        return  # it ended by itself meanwhile
