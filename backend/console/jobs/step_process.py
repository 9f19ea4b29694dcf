"""One step of a job as a process group that can be watched and ended."""

from __future__ import annotations

import os
import signal
import subprocess  # nosec B404
from types import TracebackType
from typing import IO, Self
from uuid import UUID

from console.jobs.processes import job_environment
from console.jobs.steps import Step

GRACE_SECONDS = 10.0


class StepProcess:
    """Runs a step; leaving the block ends whatever of its group still runs."""

    def __init__(self, step: Step, *, job_id: UUID, log: IO[bytes]) -> None:
        self._process = subprocess.Popen(  # nosec B603 # noqa: S603 - commands of `steps_of`, never of a request
            step.command,
            cwd=step.folder,
            env=job_environment(job_id),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def wait(self, seconds: float) -> int | None:
        """The exit status, or None when it still runs after `seconds`."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def _end(self) -> None:
        """Ask the whole group to end, then make it."""
        if self.wait(0) is None:
            self._signal(signal.SIGTERM)
            self.wait(GRACE_SECONDS)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return  # the whole group is gone
