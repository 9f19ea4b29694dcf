"""Starts and cancels jobs, and notices those whose process is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from console.errors import JobRefusedError
from console.jobs.folders import JobFolder, remove_old_datasets
from console.jobs.parameters import ImportParameters, TrainingParameters
from console.jobs.processes import end_processes, start_runner
from console.models import UNENDED, AuditAction, AuditOutcome, Job, JobKind, JobStatus
from console.services.audit import audit_record

SILENCE = timedelta(seconds=30)
"""A job that has not said that it is alive for so long is lost; starting Python takes a few seconds of it."""


def training_start(*, actor: User, parameters: TrainingParameters) -> Job:
    """Make a dataset and train on it, in a process of its own.

    Raises:
        JobRefusedError: If another job still runs, or no process could be started.
    """
    return _start(actor=actor, kind=JobKind.TRAINING, parameters=parameters)


def import_start(*, actor: User, parameters: ImportParameters, store: Callable[[JobFolder], None]) -> Job:
    """Bring uploaded tables in, in a process of its own.

    Args:
        actor: Who asks.
        parameters: What comes in.
        store: Puts the files into the job's folder.

    Raises:
        JobRefusedError: If another job still runs, or no process could be started.
    """
    return _start(actor=actor, kind=JobKind.IMPORT, parameters=parameters, prepare=store)


def job_cancel(*, actor: User, job: Job) -> Job:
    """Ask a job to stop; its process ends its commands within seconds and says so.

    Raises:
        JobRefusedError: If it has ended.
    """
    asked = Job.objects.filter(pk=job.pk, status__in=UNENDED).update(cancel_requested_at=timezone.now())
    outcome = AuditOutcome.DONE if asked else AuditOutcome.REFUSED
    audit_record(actor=actor, action=AuditAction.JOB_CANCEL, target=str(job.pk), outcome=outcome)
    if not asked:
        raise JobRefusedError(f"this {job.get_kind_display().lower()} has ended; there is nothing to cancel")
    job.refresh_from_db()
    return job


def jobs_notice_lost() -> int:
    """Mark jobs whose process fell silent, end what is left of them, and say how many there were.

    Silent is who says nothing in the database nor in the job's folder: an import on SQLite is the only writer until it
    is whole, and its own process cannot write to the database meanwhile.
    """
    long_ago = timezone.now() - SILENCE
    silent = Q(heartbeat_at__lt=long_ago, status__in=UNENDED)
    suspects = Job.objects.filter(silent).values_list("pk", flat=True)
    lost = [job_id for job_id in suspects if not JobFolder(job_id).has_beaten_since(long_ago)]
    for job_id in lost:
        left = end_processes(job_id)
        problem = "its process fell silent"
        problem += f"; {left} processes that it left behind were ended" if left else " and is gone"
        Job.objects.filter(silent, pk=job_id).update(
            status=JobStatus.LOST, ended_at=timezone.now(), problem=f"{problem}. Start it again."
        )
    return len(lost)


def _start(
    *,
    actor: User,
    kind: JobKind,
    parameters: TrainingParameters | ImportParameters,
    prepare: Callable[[JobFolder], None] | None = None,
) -> Job:
    jobs_notice_lost()
    job = _claim(actor=actor, kind=kind, parameters=parameters)
    try:
        remove_old_datasets(newest_first=list(Job.objects.values_list("pk", flat=True)[:50]))
        if prepare is not None:
            prepare(JobFolder(job.pk))
        start_runner(job.pk)
    except OSError as error:
        _fail(job.pk, f"it could not be started: {error}")
        audit_record(actor=actor, action=AuditAction.JOB_START, target=f"{kind} {job.pk}", outcome=AuditOutcome.FAILED)
        raise JobRefusedError(f"the job could not be started: {error}; look at the disk and its rights") from error
    audit_record(
        actor=actor,
        action=AuditAction.JOB_START,
        target=f"{kind} {job.pk}",
        outcome=AuditOutcome.DONE,
        detail=str(job.parameters),
    )
    return job


def _claim(*, actor: User, kind: JobKind, parameters: TrainingParameters | ImportParameters) -> Job:
    """The new job; the database lets only one in."""
    try:
        with transaction.atomic():
            return Job.objects.create(kind=kind, parameters=parameters.to_json(), started_by=actor)
    except IntegrityError as error:
        running = Job.objects.filter(status__in=UNENDED).first()
        what = f"a job ({running.get_kind_display().lower()})" if running else "another job"
        audit_record(actor=actor, action=AuditAction.JOB_START, target=kind, outcome=AuditOutcome.REFUSED)
        raise JobRefusedError(f"{what} is still running; wait for it or cancel it first") from error


def _fail(job_id: UUID, problem: str) -> None:
    now = timezone.now()
    Job.objects.filter(pk=job_id).update(status=JobStatus.FAILED, problem=problem, ended_at=now)
