"""Signing up: the form, the page that says to look into one's inbox, and the page that the e-mailed link opens."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import SignUpGoneError, WrongPasswordError
from accounts.models import SignUp
from accounts.sign_up import SignUpAddresses, sign_up_confirm, sign_up_find, sign_up_request
from config.rate_limit import RateLimit, limited
from web.account_forms import ROLE_WORDS, ConfirmForm, SignUpForm
from web.errors import refuse
from web.form_errors import posted, refusals_in

STARTED = "sign_up"
"""Where the session keeps which sign-up was begun in this browser."""
BACKEND = "django.contrib.auth.backends.ModelBackend"
SIGN_UPS = RateLimit(name="sign-up", times=20, seconds=3600)
CONFIRMATIONS = RateLimit(name="confirm", times=30, seconds=600)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited(SIGN_UPS, refuse)
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask who wants an account; every answer to a form that is filled in well is the same."""
    if request.user.is_authenticated:
        return redirect("web:feed")
    form = SignUpForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            wanted = sign_up_request(**form.cleaned_data, addresses=_addresses(request))
            request.session[STARTED] = str(wanted.pk)
            return redirect("web:signup_sent")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "web/signup.html", {"form": form, "roles": ROLE_WORDS.items()}, status=status)


@never_cache
@require_safe
def sign_up_sent(request: HttpRequest) -> HttpResponse:
    """Say where to look next."""
    return render(request, "web/signup_sent.html")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited(CONFIRMATIONS, refuse)
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Make the account: a click where it was begun, the password anywhere else."""
    try:
        wanted = sign_up_find(token=token)
        started_here = _started_here(request, wanted)
        form = ConfirmForm(posted(request))
        if request.method == "POST" and (started_here or form.is_valid()):
            return _made(request, token, form, started_here)
    except SignUpGoneError as error:
        if request.user.is_authenticated:  # a second click on a link that did its work
            return redirect("web:feed")
        return render(request, "web/signup_gone.html", {"why": str(error)}, status=HTTPStatus.GONE)
    except WrongPasswordError as error:
        form.add_error("password", f"{str(error).capitalize()}.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "wanted": wanted, "started_here": started_here}
    return render(request, "web/confirm.html", context, status=status)


def _made(request: HttpRequest, token: str, form: ConfirmForm, started_here: UUID | None) -> HttpResponse:
    password = None if started_here else form.cleaned_data["password"]
    user = sign_up_confirm(token=token, password=password, started_here=started_here)
    login(request, user, backend=BACKEND)
    request.session.pop(STARTED, None)
    return redirect("web:welcome")


def _started_here(request: HttpRequest, wanted: SignUp) -> UUID | None:
    return wanted.pk if request.session.get(STARTED) == str(wanted.pk) else None


def _addresses(request: HttpRequest) -> SignUpAddresses:
    return SignUpAddresses(
        confirm=lambda token: request.build_absolute_uri(reverse("web:confirm", args=[token])),
        login=request.build_absolute_uri(resolve_url("web:login")),
        reset=request.build_absolute_uri(resolve_url("web:password_reset")),
    )
