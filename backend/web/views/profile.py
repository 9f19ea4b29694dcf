"""What a member says of themselves, and what they look for."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.services import preferences_update, user_update
from recommendations.publication import member_publish
from web.account_forms import PreferencesForm, ProfileForm
from web.form_errors import posted, refusals_in
from web.members import member_page


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def profile_page(request: HttpRequest, member: User) -> HttpResponse:
    """Show and change the profile."""
    form = ProfileForm(posted(request), user=member)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            user_update(
                user=member,
                name=form.cleaned_data["name"],
                role=form.cleaned_data["role"],
                profile=form.profile(),
            )
            return _saved(request, member, "web:profile")
    return render(request, "web/profile.html", {"form": form}, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def preferences_page(request: HttpRequest, member: User) -> HttpResponse:
    """Show and change what the member looks for."""
    form = PreferencesForm(posted(request), user=member)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            preferences_update(user=member, changes=form.changes())
            return _saved(request, member, "web:preferences")
    return render(request, "web/preferences.html", {"form": form}, status=_status(form))


def _saved(request: HttpRequest, member: User, page: str) -> HttpResponse:
    member_publish(user_id=member.pk)
    messages.success(request, "Saved. Your recommendations follow.")
    return redirect(page)


def _status(form: ProfileForm | PreferencesForm) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
