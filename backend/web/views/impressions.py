"""What the browser says was really on the screen."""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.models import User
from recommendations.impressions import impressions_record
from web.errors import error_answer
from web.members import member_page

MAX_SEEN = 200


@require_POST
@member_page
def impressions(request: HttpRequest, member: User) -> HttpResponse:
    """Record one batch, each entry `PAGE:STARTUP`; sending it again changes nothing."""
    try:
        seen = _by_page(request.POST.getlist("seen"))
    except ValueError as error:
        return error_answer(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=f"seen: {error}.")
    for page_id, startup_ids in seen.items():
        impressions_record(user=member, page_id=page_id, startup_ids=startup_ids)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _by_page(entries: list[str]) -> dict[UUID, set[UUID]]:
    """The startups of each page.

    Raises:
        ValueError: If an entry is none, or there are too many.
    """
    if len(entries) > MAX_SEEN:
        raise ValueError(f"at most {MAX_SEEN} at a time, got {len(entries)}")
    seen: dict[UUID, set[UUID]] = defaultdict(set)
    for entry in entries:
        page_id, _, startup_id = entry.partition(":")
        seen[UUID(page_id)].add(UUID(startup_id))
    return seen
