"""The member's feed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from contracts.api import MAX_LIMIT
from recommendations.services import recommendations_for_user
from web.cards import cards_of_feed
from web.members import member_page

PAGE_SIZE = 20


@require_safe
@member_page
def feed(request: HttpRequest, member: User) -> HttpResponse:
    """What is recommended to the member, best first."""
    shown = _how_many(request.GET.get("show", ""))
    answer = recommendations_for_user(user=member, limit=shown)
    more = min(shown + PAGE_SIZE, MAX_LIMIT)
    context = {
        "feed": answer,
        "cards": cards_of_feed(feed=answer, user=member),
        "more": more if more > shown and len(answer.items) >= shown else None,
    }
    return render(request, "web/feed.html", context)


def _how_many(text: str) -> int:
    """The number in the address, kept in range; a mangled address shows the first page."""
    return min(max(int(text), 1), MAX_LIMIT) if text.isascii() and text.isdigit() and len(text) < 6 else PAGE_SIZE
