"""Where a page may lead back to."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def safe_address(address: str, *, otherwise: str = "web:feed") -> str:
    """The address if it is a page of ours, else the page named by `otherwise`."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else resolve_url(otherwise)


def next_address(request: HttpRequest, *, otherwise: str = "web:feed") -> str:
    """Where the form says that its visitor came from."""
    return safe_address(request.POST.get("next", ""), otherwise=otherwise)
