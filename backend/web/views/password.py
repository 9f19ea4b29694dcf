"""Logging in, and passwords: forgotten, chosen anew, changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import WrongPasswordError
from accounts.models import User
from accounts.passwords import password_change, password_reset_request
from config.rate_limit import RateLimit, limited
from web.account_forms import ChangePasswordForm, NewPasswordForm, ResetRequestForm
from web.errors import refuse
from web.form_errors import posted, refusals_in
from web.members import member_page

LOG_INS = RateLimit(name="log-in", times=30, seconds=60)
RESETS = RateLimit(name="password-reset", times=10, seconds=3600)
CHANGES = RateLimit(name="password-change", times=20, seconds=600)

_log_in = LoginView.as_view(template_name="web/login.html", redirect_authenticated_user=True)
log_in = limited(LOG_INS, refuse)(cast("Callable[[HttpRequest], HttpResponse]", _log_in))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited(RESETS, refuse)
def password_reset(request: HttpRequest) -> HttpResponse:
    """Ask for the address; the answer is the same for every address."""
    form = ResetRequestForm(posted(request))
    if request.method == "POST" and form.is_valid():
        password_reset_request(
            email=form.cleaned_data["email"],
            address=lambda key, token: request.build_absolute_uri(reverse("web:password_new", args=[key, token])),
        )
        return redirect("web:password_reset_sent")
    return render(request, "web/password_reset.html", {"form": form})


@never_cache
@require_safe
def password_reset_sent(request: HttpRequest) -> HttpResponse:
    """Say where to look next."""
    return render(request, "web/password_reset_sent.html")


class NewPasswordView(PasswordResetConfirmView):
    """Choose a new password by an e-mailed link; Django keeps its token out of the address that pages see."""

    form_class: Any = NewPasswordForm
    template_name = "web/password_new.html"
    success_url = reverse_lazy("web:login")

    def get_form(self, form_class: Any = None) -> Any:
        """The form, which can tell where to ask for yet another password."""
        form: Any = super().get_form(form_class)
        form.reset_address = self.request.build_absolute_uri(reverse("web:password_reset"))
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it worked."""
        answer = super().form_valid(form)
        messages.success(self.request, "Your new password is set. Log in with it.")
        return answer


@sensitive_post_parameters("old", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@member_page
@limited(CHANGES, refuse)
def password_page(request: HttpRequest, member: User) -> HttpResponse:
    """Change the password; this session goes on, all others end."""
    form = ChangePasswordForm(posted(request))
    if request.method == "POST" and form.is_valid() and _changed(request, member, form):
        messages.success(request, "Your password is changed. You were logged out everywhere else.")
        return redirect("web:account")
    return render(request, "web/password.html", {"form": form})


def _changed(request: HttpRequest, member: User, form: ChangePasswordForm) -> bool:
    try:
        with refusals_in(form):
            password_change(
                user=member,
                old=form.cleaned_data["old"],
                new=form.cleaned_data["password"],
                reset_address=request.build_absolute_uri(reverse("web:password_reset")),
            )
    except WrongPasswordError as error:
        form.add_error("old", f"{str(error).capitalize()}.")
    if not form.errors:
        update_session_auth_hash(request, member)
    return not form.errors
