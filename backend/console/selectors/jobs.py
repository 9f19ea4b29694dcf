"""Reads jobs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from console.jobs.folders import JobFolder
from console.jobs.steps import steps_of
from console.models import UNENDED, Job, JobStatus

SHOWN = 20
_EPOCH = re.compile(r"^(?P<run>\S+) epoch +(?P<done>\d+)/(?P<of>\d+) +(?P<figures>.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a job is.

    Attributes:
        job: The job.
        steps: Its steps in order, each with whether it is done, at work, or to come.
        epoch: The latest finished epoch of a training, as its log says.
        epochs: Of how many.
        figures: What the log says of it.
        tail: The end of the log.
    """

    job: Job
    steps: list[tuple[str, str]]
    epoch: int
    epochs: int
    figures: str
    tail: str


def job_list() -> QuerySet[Job]:
    """The latest jobs, newest first."""
    return Job.objects.select_related("started_by")[:SHOWN]


def job_get(*, job_id: UUID) -> Job | None:
    """One job."""
    return Job.objects.select_related("started_by").filter(pk=job_id).first()


def job_current() -> Job | None:
    """The job that is at work."""
    return Job.objects.filter(status__in=UNENDED).first()


def job_progress(*, job: Job) -> JobProgress:
    """How far it is, by its row and its log."""
    tail = JobFolder(job.pk).log_tail()
    epochs = list(_EPOCH.finditer(tail))
    last = epochs[-1] if epochs else None
    return JobProgress(
        job=job,
        steps=_steps(job),
        epoch=int(last["done"]) if last else 0,
        epochs=int(last["of"]) if last else 0,
        figures=f"{last['run']}: {last['figures']}" if last else "",
        tail=tail,
    )


def _steps(job: Job) -> list[tuple[str, str]]:
    """Each step, and whether it is done, at work, stopped in, or to come."""
    names = [step.name for step in steps_of(job)]
    if job.status == JobStatus.DONE:
        return [(name, "done") for name in names]
    at = names.index(job.step) if job.step in names else 0
    now = "at work" if job.is_unended else "stopped"
    before, after = names[:at], names[at + 1 :]
    return [*((name, "done") for name in before), (names[at], now), *((name, "to come") for name in after)]
