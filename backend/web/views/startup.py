"""The page of one startup."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_safe

from accounts.models import User
from applications.selectors import application_of_pair
from recommendations.discovery import feed_page_keep
from recommendations.models import Surface
from recommendations.selectors import recommendation_settings
from recommendations.services import startups_similar_to
from startups.models import Startup
from startups.selectors import startup_get_visible
from web.apply_form import ApplyForm
from web.cards import Card, card_of_startup, cards_of_page
from web.forms import OriginForm
from web.members import member_page
from web.report_form import ReportForm

SIMILAR = 6


@require_safe
@member_page
def startup_page(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """A startup with its positions, and what is like it."""
    startup = startup_get_visible(startup_id=startup_id)
    if startup is None:
        raise Http404
    return startup_answer(request, member, startup)


def startup_answer(
    request: HttpRequest,
    member: User,
    startup: Startup,
    *,
    form: ApplyForm | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """The page, with a form that was refused where there is one."""
    origin_form = OriginForm(request.GET or request.POST)
    card = card_of_startup(startup=startup, user=member, origin=origin_form.origin())
    similar = startups_similar_to(startup=startup, user=member, limit=SIMILAR)
    page = feed_page_keep(user=member, surface=Surface.SIMILAR, feed=similar)
    application = application_of_pair(member=member, startup=startup)
    context = {
        "card": card,
        "startup": startup,
        "click_key": _click_key(card),
        "similar": similar,
        "similar_cards": cards_of_page(page=page, user=member),
        "is_personalised": recommendation_settings(user=member).is_personalised,
        "application": application,
        "changes": application.changes.all() if application else [],
        "form": form or ApplyForm(startup),
        "report_form": ReportForm(),
        "next": startup_address(startup),
        "address": request.build_absolute_uri(startup_address(startup)),
    }
    return render(request, "web/startup.html", context, status=status)


def startup_address(startup: Startup) -> str:
    """The page's address without what led there, to come back to and to share."""
    return resolve_url("web:startup", startup.pk)


def _click_key(card: Card) -> str:
    """Opening a page counts once per answer that led to it, else once a day: reloading it teaches nothing."""
    occasion = card.origin.request_id or datetime.now(tz=UTC).date()
    return f"{card.startup.pk}:{occasion}"
