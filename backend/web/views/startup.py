"""The page of one startup."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from recommendations.services import startups_similar_to
from startups.selectors import startup_get_visible
from web.cards import Card, card_of_startup, cards_of_feed
from web.forms import OriginForm
from web.members import member_page

SIMILAR = 6


@require_safe
@member_page
def startup_page(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """A startup with its positions, and what is like it."""
    startup = startup_get_visible(startup_id=startup_id)
    if startup is None:
        raise Http404
    card = card_of_startup(startup=startup, user=member, origin=OriginForm(request.GET).origin())
    similar = startups_similar_to(startup=startup, user=member, limit=SIMILAR)
    context = {
        "card": card,
        "startup": startup,
        "click_key": _click_key(card),
        "similar": similar,
        "similar_cards": cards_of_feed(feed=similar, user=member),
        "next": request.get_full_path(),
    }
    return render(request, "web/startup.html", context)


def _click_key(card: Card) -> str:
    """Opening a page counts once per answer that led to it, else once a day: reloading it teaches nothing."""
    occasion = card.origin.request_id or datetime.now(tz=UTC).date()
    return f"{card.startup.pk}:{occasion}"
