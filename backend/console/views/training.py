"""Starts trainings and shows the latest jobs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from console.errors import JobRefusedError
from console.forms import TrainingForm
from console.selectors.jobs import job_current, job_list
from console.services.jobs import jobs_notice_lost, training_start
from console.staff import staff_page


@require_safe
@staff_page
def training(request: HttpRequest, engineer: User) -> HttpResponse:  # noqa: ARG001 - the door's signature
    """The form, what is at work, and what was."""
    jobs_notice_lost()
    context = {"form": TrainingForm(), "current": job_current(), "jobs": job_list()}
    return render(request, "console/training.html", context)


@require_POST
@staff_page
def training_begin(request: HttpRequest, engineer: User) -> HttpResponse:
    """Start one, unless one is at work."""
    form = TrainingForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Nothing was started. {form.sentence()}")
        return redirect("console:training")
    try:
        job = training_start(actor=engineer, parameters=form.parameters())
    except JobRefusedError as error:
        messages.error(request, f"Nothing was started: {error}.")
        return redirect("console:training")
    return redirect("console:job", job.pk)
