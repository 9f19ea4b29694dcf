"""Pages for members only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User

Parameters = ParamSpec("Parameters")
MemberView = Callable[Concatenate[HttpRequest, User, Parameters], HttpResponse]


def member_page(view: MemberView[Parameters]) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponse]:
    """Pass the member to the view; send anyone else to log in, the whole page even when only a part was asked for."""

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, request.user, *args, **kwargs)
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(resolve_url("web:login"))
        return redirect_to_login(request.get_full_path() if request.method == "GET" else resolve_url("web:feed"))

    return answer
