"""One job: how far it is, what it says, what it made."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from console.errors import JobRefusedError
from console.jobs.folders import JobFolder
from console.models import AuditAction, AuditOutcome, Job
from console.selectors.datasets import dataset_manifest, dataset_part
from console.selectors.jobs import job_get, job_progress
from console.selectors.versions import version_get
from console.services.audit import audit_record
from console.services.jobs import job_cancel, jobs_notice_lost
from console.staff import staff_page


@require_safe
@staff_page
def job_page(request: HttpRequest, engineer: User, job_id: UUID) -> HttpResponse:  # noqa: ARG001 - the door's signature
    """The whole page."""
    jobs_notice_lost()
    return render(request, "console/job.html", _context(_job(job_id)))


@require_safe
@staff_page
def job_part(request: HttpRequest, engineer: User, job_id: UUID) -> HttpResponse:  # noqa: ARG001 - the door's signature
    """The part that changes, asked for every few seconds while the job is at work."""
    jobs_notice_lost()
    return render(request, "console/partials/job.html", _context(_job(job_id)))


@require_safe
@staff_page
def job_log(request: HttpRequest, engineer: User, job_id: UUID) -> FileResponse:  # noqa: ARG001 - the door's signature
    """The whole log, as a file."""
    log = JobFolder(_job(job_id).pk).log
    if not log.exists():
        raise Http404
    return FileResponse(log.open("rb"), as_attachment=True, filename=f"{job_id}.log.txt", content_type="text/plain")


@require_POST
@staff_page
def job_dataset(request: HttpRequest, engineer: User, job_id: UUID, part: str) -> FileResponse:  # noqa: ARG001
    """One file of the dataset that a training learned from; it holds people's acts, so taking it is written down."""
    job = _job(job_id)
    file = dataset_part(job=job, part=part)
    if file is None:
        raise Http404
    audit_record(
        actor=engineer, action=AuditAction.DATA_EXPORT, target=f"{file.name} of {job.pk}", outcome=AuditOutcome.DONE
    )
    return FileResponse(file.open("rb"), as_attachment=True, filename=file.name)


@require_POST
@staff_page
def job_stop(request: HttpRequest, engineer: User, job_id: UUID) -> HttpResponse:
    """Ask it to stop."""
    try:
        job_cancel(actor=engineer, job=_job(job_id))
    except JobRefusedError as error:
        messages.error(request, f"Nothing was cancelled: {error}.")
    else:
        messages.success(request, "It was asked to stop; its processes end within seconds.")
    return redirect("console:job", job_id)


def _job(job_id: UUID) -> Job:
    job = job_get(job_id=job_id)
    if job is None:
        raise Http404
    return job


def _context(job: Job) -> dict[str, object]:
    return {
        "job": job,
        "progress": job_progress(job=job),
        "version": version_get(name=job.version, told=None) if job.version else None,
        "dataset": dataset_manifest(job=job),
    }
