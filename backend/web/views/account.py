"""A member's account: what the platform holds of them, and leaving."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth import logout
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.departure import user_delete
from accounts.errors import WrongPasswordError
from accounts.models import User
from accounts.parts import member_export
from accounts.sessions import session_list_live
from config.rate_limit import RateLimit, limited
from web.account_forms import LeaveForm
from web.errors import refuse
from web.form_errors import posted
from web.members import member_page

DEPARTURES = RateLimit(name="departure", times=20, seconds=600)


@require_safe
@member_page
def account_page(request: HttpRequest, member: User) -> HttpResponse:
    """What one can do about the account."""
    return render(request, "web/account.html", {"sessions": len(session_list_live(user=member))})


@require_safe
@member_page
def export(request: HttpRequest, member: User) -> HttpResponse:  # noqa: ARG001 - a page's signature
    """Everything that is held of the member, to keep."""
    now = datetime.now(tz=UTC)
    whole = {"exported_at": now, **member_export(member)}
    answer = JsonResponse(whole, encoder=DjangoJSONEncoder, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="launchmatch-{now:%Y-%m-%d}.json"'
    return answer


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@member_page
@limited(DEPARTURES, refuse)
def leave(request: HttpRequest, member: User) -> HttpResponse:
    """Delete the account, with the password."""
    form = LeaveForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _left(request, member, form)
        except WrongPasswordError as error:
            form.add_error("password", f"{str(error).capitalize()}.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "owned": member.startups.order_by("title")}
    return render(request, "web/leave.html", context, status=status)


def _left(request: HttpRequest, member: User, form: LeaveForm) -> HttpResponse:
    user_delete(user=member, password=form.cleaned_data["password"], startups=form.choice())
    logout(request)
    messages.success(request, "Your account is gone, and all that was yours with it. Good luck.")
    return redirect("web:login")
