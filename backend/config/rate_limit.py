"""How often one visitor may do what is costly or tempting to repeat: log in, sign up, ask for a new password.

Counts live in the cache, and so by default in each process: the bound of a deployment is the limit times its processes.
What must hold exactly (locking an account) is counted in the database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from time import time
from typing import Concatenate, ParamSpec

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from config.client_address import client_address

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]
Refusal = Callable[[HttpRequest, HTTPStatus, str], HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `times` per `seconds` and visitor.

    Raises:
        ValueError: If either is not positive.
    """

    name: str
    times: int
    seconds: int

    def __post_init__(self) -> None:
        if self.times < 1 or self.seconds < 1:
            raise ValueError(f"a rate limit is positive, got {self.times} per {self.seconds} s")

    def admits(self, visitor: str) -> bool:
        """Count one more, and tell whether it is within the limit."""
        window = int(time() // self.seconds)
        key = f"rate:{self.name}:{window}:{visitor}"
        cache.add(key, 0, self.seconds)
        try:
            return cache.incr(key) <= self.times
        except ValueError:  # the window ended between the two calls
            return True


def limited(limit: RateLimit, refuse: Refusal) -> Callable[[View[Parameters]], View[Parameters]]:
    """Count what a visitor posts to a view, and refuse what is too much with 429."""

    def decorate(view: View[Parameters]) -> View[Parameters]:
        @wraps(view)
        def answer(request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponse:
            if request.method == "POST" and not limit.admits(client_address(request)):
                return refuse(request, HTTPStatus.TOO_MANY_REQUESTS, "Too many attempts. Wait a little and try again.")
            return view(request, *args, **kwargs)

        return answer

    return decorate
