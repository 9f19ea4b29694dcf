"""Reporting a startup to the staff."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_POST

from accounts.models import User
from api.errors import STATUSES
from interactions.errors import OwnStartupError
from interactions.reports import report_send
from startups.selectors import startup_get_visible
from web.errors import error_answer
from web.members import member_page
from web.report_form import ReportForm


@require_POST
@member_page
def startup_report(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """Tell the staff; sending it again changes what was said."""
    startup = startup_get_visible(startup_id=startup_id)
    if startup is None:
        raise Http404
    form = ReportForm(request.POST)
    if not form.is_valid():
        detail = " ".join(f"{name}: {problem}" for name, problems in form.errors.items() for problem in problems)
        return error_answer(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=detail)
    try:
        report_send(member=member, startup=startup, **form.cleaned_data)
    except OwnStartupError as error:
        return error_answer(request, status=STATUSES[type(error)], detail=f"That did not work: {error}.")
    messages.success(request, "Thank you. Our staff will look at it.")
    return HttpResponseRedirect(resolve_url("web:startup", startup_id))
