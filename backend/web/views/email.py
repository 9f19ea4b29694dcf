"""Moving an account to another e-mail address."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.email_change import (
    EmailChangeAddresses,
    email_change_confirm,
    email_change_find,
    email_change_request,
)
from accounts.errors import EmailChangeGoneError, WrongPasswordError
from accounts.models import User
from config.rate_limit import RateLimit, limited
from web.account_forms import ChangeEmailForm
from web.errors import error_answer, refuse
from web.form_errors import posted, refusals_in
from web.members import member_page

CHANGES = RateLimit(name="email-change", times=10, seconds=3600)
CONFIRMATIONS = RateLimit(name="email-confirm", times=30, seconds=600)
SENT = "Look into the inbox of the new address: the link there, opened within a day, moves your account."


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@member_page
@limited(CHANGES, refuse)
def email_page(request: HttpRequest, member: User) -> HttpResponse:
    """Ask for the new address; the answer is the same whether it has an account or not."""
    form = ChangeEmailForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            with refusals_in(form):
                email_change_request(user=member, **form.cleaned_data, addresses=_addresses(request))
                messages.success(request, SENT)
                return redirect("web:account")
        except WrongPasswordError as error:
            form.add_error("password", f"{str(error).capitalize()}.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "web/email.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
@limited(CONFIRMATIONS, refuse)
def email_confirm(request: HttpRequest, member: User, token: str) -> HttpResponse:
    """Move the account by a click on the page that the e-mailed link opens."""
    try:
        if request.method == "POST":
            email_change_confirm(user=member, token=token)
            messages.success(request, f"Your account now belongs to {member.email}. Log in with that from now on.")
            return redirect("web:account")
        return render(request, "web/email_confirm.html", {"new": email_change_find(user=member, token=token)})
    except EmailChangeGoneError as error:
        return error_answer(request, status=HTTPStatus.GONE, detail=f"{str(error).capitalize()}.")


def _addresses(request: HttpRequest) -> EmailChangeAddresses:
    return EmailChangeAddresses(
        confirm=lambda token: request.build_absolute_uri(reverse("web:email_confirm", args=[token])),
        login=request.build_absolute_uri(resolve_url("web:login")),
        reset=request.build_absolute_uri(resolve_url("web:password_reset")),
    )
