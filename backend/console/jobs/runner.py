"""Runs the steps of a job, says that it is alive, and stops when it is asked to."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import IO
from uuid import UUID

from django.db import DatabaseError, connection
from django.utils import timezone

from console.errors import JobRefusedError
from console.jobs.folders import JobFolder
from console.jobs.made_version import version_made_from
from console.jobs.step_process import StepProcess
from console.jobs.steps import Step, steps_of
from console.models import Job, JobKind, JobStatus

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 1.0
DATABASE_RETRIES = 60
RETRY_SECONDS = 1.0


class _StoppedError(Exception):
    """The job ends here, for this reason."""

    def __init__(self, status: JobStatus, problem: str) -> None:
        super().__init__(problem)
        self.status, self.problem = status, problem


def run_job(job_id: UUID) -> Job:
    """Run a queued job to its end, whichever that is, and return it.

    Raises:
        JobRefusedError: If it is not queued: it runs already, or has ended.
    """
    if not Job.objects.filter(pk=job_id, status=JobStatus.QUEUED).update(
        status=JobStatus.RUNNING, heartbeat_at=timezone.now()
    ):
        raise JobRefusedError(f"there is no job {job_id} that waits to be run")
    job = Job.objects.get(pk=job_id)
    try:
        _run_steps(job)
    except _StoppedError as stopped:
        return _end(job, stopped.status, problem=stopped.problem)
    except OSError as error:
        return _end(job, JobStatus.FAILED, problem=f"{error.strerror or error}: {error.filename or 'no file named'}")
    return _end(job, JobStatus.DONE)


def _run_steps(job: Job) -> None:
    folder = JobFolder(job.pk)
    folder.dataset.pairs.parent.mkdir(parents=True, exist_ok=True)
    with folder.log.open("ab") as log:
        for step in steps_of(job):
            _run_step(job, step, log)


def _run_step(job: Job, step: Step, log: IO[bytes]) -> None:
    """Run one command to its end, or end it when the job is cancelled.

    Raises:
        _StoppedError: If it was cancelled, or the command failed.
    """
    log.write(f"== {step.name}\n".encode())
    log.flush()
    _alive(job, step=step.name)
    with StepProcess(step, job_id=job.pk, log=log) as process:
        while (status := process.wait(HEARTBEAT_SECONDS)) is None:
            _alive(job, step=step.name)
    if status:
        said = JobFolder(job.pk).log_tail().strip().splitlines()[-1]
        raise _StoppedError(JobStatus.FAILED, f"{step.name} ended with status {status}: {said}")


def _alive(job: Job, *, step: str) -> None:
    """Say so, and look whether the job is still wanted; a database that is away or locked does not end a job.

    Raises:
        _StoppedError: If it was cancelled, or given up as lost.
    """
    JobFolder(job.pk).beat()
    try:
        Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now(), step=step)
        now = Job.objects.only("status", "cancel_requested_at").filter(pk=job.pk).first()
    except DatabaseError as error:
        logger.warning("job %s goes on without the database: %s", job.pk, error)
        connection.close()
        return
    if now is None or now.status == JobStatus.LOST:
        raise _StoppedError(JobStatus.LOST, "it was given up as lost while it still ran")
    if now.cancel_requested_at is not None:
        raise _StoppedError(JobStatus.CANCELLED, "cancelled by an engineer")


def _end(job: Job, status: JobStatus, *, problem: str = "") -> Job:
    """Write down how it ended, as soon as the database can be reached."""
    version = version_made_from(JobFolder(job.pk).dataset.pairs) if job.kind == JobKind.TRAINING else None

    def write() -> None:
        Job.objects.filter(pk=job.pk, ended_at=None).update(
            status=status, problem=problem, version=version or "", ended_at=timezone.now(), heartbeat_at=timezone.now()
        )

    _until_done(write)
    job.refresh_from_db()
    return job


def _until_done(write: Callable[[], None]) -> None:
    for _ in range(DATABASE_RETRIES):
        try:
            return write()
        except DatabaseError as error:
            logger.warning("the end of a job is not written yet: %s", error)
            connection.close()
            time.sleep(RETRY_SECONDS)
    return write()
