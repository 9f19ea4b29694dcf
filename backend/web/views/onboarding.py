"""The first minute of a new member: a few questions, each of which may be skipped."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.services import preferences_update, user_update
from recommendations.publication import member_publish
from web.account_forms import PreferencesForm
from web.form_errors import posted, refusals_in
from web.members import member_page
from web.onboarding_steps import Step, steps_for


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def welcome(request: HttpRequest, member: User, slug: str = "") -> HttpResponse:
    """Ask one question, keep the answer, and go on."""
    steps = steps_for(member.role)
    place = _place(steps, slug)
    form = PreferencesForm(posted(request), user=member, only=steps[place].asks)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form, {"fields": "fields_"}):
            _keep(member, form)
            return _go_on(request, steps, place)
    context = {"form": form, "step": steps[place], "steps": steps, "number": place + 1, "next": _next(steps, place)}
    return render(
        request,
        "web/welcome.html",
        context,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
    )


def _keep(member: User, form: PreferencesForm) -> None:
    """Keep the answer; skills to be used are also skills to be shown, until the profile says otherwise."""
    changes = form.changes()
    preferences_update(user=member, changes=changes)
    if changes.get("skills") and not member.profile.skills:
        user_update(user=member, profile={"skills": changes["skills"]})
    member_publish(user_id=member.pk)


def _place(steps: tuple[Step, ...], slug: str) -> int:
    for place, step in enumerate(steps):
        if slug in ("", step.slug):
            return place
    raise Http404


def _next(steps: tuple[Step, ...], place: int) -> str:
    return reverse("web:welcome_step", args=[steps[place + 1].slug]) if place + 1 < len(steps) else reverse("web:feed")


def _go_on(request: HttpRequest, steps: tuple[Step, ...], place: int) -> HttpResponse:
    if place + 1 == len(steps):
        messages.success(request, "This is your feed. Like or hide a few startups, and it becomes more yours.")
    return redirect(_next(steps, place))
