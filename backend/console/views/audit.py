"""Who did what."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from console.selectors.audit import audit_page
from console.staff import staff_page

LONGEST_ID = 18


@require_safe
@staff_page
def audit(request: HttpRequest, engineer: User) -> HttpResponse:  # noqa: ARG001 - the door's signature
    """The log, newest first."""
    entries, following = audit_page(before=_number(request.GET.get("before", "")))
    return render(request, "console/audit.html", {"entries": entries, "following": following})


def _number(text: str) -> int | None:
    """The number in the address; a mangled one shows the first page."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else None
