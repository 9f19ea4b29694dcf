"""Who asks."""

from __future__ import annotations

from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from accounts.models import User


def requesting_member(request: Request) -> User:
    """The person who asks.

    Raises:
        NotAuthenticated: If nobody is logged in.
    """
    if not request.user.is_authenticated:
        raise NotAuthenticated
    return request.user
