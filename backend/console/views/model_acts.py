"""Validate, activate, roll back: each a POST that tells what came of it and returns to the version."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from console.forms import ActivationForm, RollbackForm
from console.services.model_actions import model_activate, model_rollback, model_validate
from console.staff import staff_page
from recommendations.errors import RecommendationServiceError, ServiceRefusedError


@require_POST
@staff_page
def validate(request: HttpRequest, engineer: User, version: str) -> HttpResponse:
    """Let the service load a version and score the catalogue with it."""
    try:
        told = model_validate(actor=engineer, version=version)
    except RecommendationServiceError as error:
        return _refused(request, error, version)
    if told.valid:
        messages.success(request, f"{version} could serve: proved by loading it in {told.seconds:.1f} s.")
    else:
        messages.error(request, f"{version} could not serve: {told.problem}")
    return redirect("console:version", version)


@require_POST
@staff_page
def activate(request: HttpRequest, engineer: User, version: str) -> HttpResponse:
    """Let a version serve."""
    form = ActivationForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Nothing was changed. {form.sentence()}")
        return redirect("console:version", version)
    try:
        told = model_activate(actor=engineer, version=version, **form.cleaned_data)
    except RecommendationServiceError as error:
        return _refused(request, error, version)
    messages.success(request, f"{told.active} is active, after {told.previous or 'none'}; it answers within moments.")
    return redirect("console:version", version)


@require_POST
@staff_page
def rollback(request: HttpRequest, engineer: User) -> HttpResponse:
    """Return to the version that was active before."""
    form = RollbackForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Nothing was changed. {form.sentence()}")
        return redirect("console:models")
    try:
        told = model_rollback(actor=engineer, **form.cleaned_data)
    except RecommendationServiceError as error:
        return _refused(request, error)
    messages.success(request, f"{told.active or 'No version'} is active again, after {told.previous or 'none'}.")
    return redirect("console:models")


def _refused(
    request: HttpRequest, error: RecommendationServiceError, version: str | None = None
) -> HttpResponseRedirect:
    """Why nothing changed, or may have: the service's words where it refused, else what became of it."""
    words = str(error) if isinstance(error, ServiceRefusedError) else error.reason
    known = "It is not known whether it was done" if error.leaves_open else "Nothing was changed"
    messages.error(request, f"{known}: {words.rstrip('.')}.")
    return redirect("console:version", version) if version else redirect("console:models")
