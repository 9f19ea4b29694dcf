"""Applying to a startup with a letter."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_POST

from accounts.models import User
from applications.errors import ApplicationError
from applications.services import application_submit
from interactions.errors import InteractionError
from startups.selectors import startup_get_visible
from web.apply_form import ApplyForm
from web.members import member_page
from web.views.startup import startup_answer


@require_POST
@member_page
def startup_apply(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """Send the application; the same again is the same one. What was refused stays in the form."""
    startup = startup_get_visible(startup_id=startup_id)
    if startup is None:
        raise Http404
    form = ApplyForm(startup, request.POST)
    if form.is_valid():
        try:
            application_submit(
                member=member,
                startup=startup,
                letter=form.cleaned_data["letter"],
                position=form.cleaned_data["role"],
                recommendation_request_id=form.origin().request_id,
                recommendation_position=form.origin().position,
            )
        except (ApplicationError, InteractionError) as error:
            form.add_error(None, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        else:
            messages.success(request, f"You applied to {startup.title}. You see here what becomes of it.")
            return HttpResponseRedirect(resolve_url("web:startup", startup_id))
    return startup_answer(request, member, startup, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
