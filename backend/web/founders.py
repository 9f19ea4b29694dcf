"""What the founders' pages share: whose startup it is, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url

from accounts.models import User
from config.errors import PlatformError
from startups.models import Startup
from startups.selectors import startup_get_own
from web.errors import error_answer


def own_startup(*, member: User, startup_id: UUID) -> Startup:
    """The member's startup.

    Raises:
        Http404: If there is none, or it is another's: nobody learns which.
    """
    startup = startup_get_own(owner=member, startup_id=startup_id)
    if startup is None:
        raise Http404
    return startup


def founder_page(request: HttpRequest, template: str, startup: Startup, context: Mapping[str, Any]) -> HttpResponse:
    """A page about one startup of the founder; 422 when a form on it was refused."""
    form = context.get("form")
    status = 422 if isinstance(form, BaseForm) and form.errors else 200
    return render(request, f"web/founders/{template}.html", {"startup": startup, **context}, status=status)


def done(request: HttpRequest, sentence: str, to: str, *arguments: Any) -> HttpResponse:
    """Back to the named page, which says what was done."""
    return done_at(request, sentence, resolve_url(to, *arguments))


def done_at(request: HttpRequest, sentence: str, address: str) -> HttpResponse:
    """Back to an address of ours, which says what was done."""
    messages.success(request, sentence)
    return HttpResponseRedirect(address)


def refused_at(request: HttpRequest, error: PlatformError, address: str) -> HttpResponse:
    """Back to an address of ours, which says why it was not done."""
    messages.error(request, f"That did not work: {error}.")
    return HttpResponseRedirect(address)


def invalid(request: HttpRequest, detail: str) -> HttpResponse:
    """What no button of ours sends."""
    return error_answer(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=detail)


def show_errors(form: BaseForm, error: ValidationError) -> None:
    """Show what the service refused beside the fields it names."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.error_dict.items():
        form.add_error(name if name in form.fields else None, problems)
