"""Where a request comes from, when proxies stand in front."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the outermost trusted proxy saw.

    Each proxy appends who asked it to X-Forwarded-For; what stands further left was sent by the client and proves
    nothing. Without trusted proxies the header is not read.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    trusted: int = settings.TRUSTED_PROXIES
    return hops[-min(trusted, len(hops))] if trusted and hops else direct
