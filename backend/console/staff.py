"""Pages for engineers only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User

Parameters = ParamSpec("Parameters")
StaffView = Callable[Concatenate[HttpRequest, User, Parameters], HttpResponseBase]

LOGIN = "web:login"
START = "console:overview"


def staff_page(view: StaffView[Parameters]) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]:
    """Pass the engineer to the view; send a stranger to log in, and show a member that there is nothing."""

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if request.headers.get("HX-Request"):
                return HttpResponseClientRedirect(resolve_url(LOGIN))
            return redirect_to_login(request.get_full_path() if request.method == "GET" else resolve_url(START))
        if not request.user.is_staff:
            raise Http404
        return view(request, request.user, *args, **kwargs)

    return answer
