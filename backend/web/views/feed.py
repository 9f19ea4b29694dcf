"""Discover: the member's feed, what is new, what is popular, and search."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.models import User
from recommendations.discovery import discover_first_page, discover_next_page, feed_page_degrades
from recommendations.errors import ListGoneError
from recommendations.models import FeedPage
from recommendations.selectors import recommendation_settings
from startups.terms import TAG_TERMS
from web.cards import cards_of_page
from web.discover import read_address
from web.members import member_page


class PageForm(forms.Form):
    """Which page of which list."""

    list = forms.UUIDField()
    page = forms.IntegerField(min_value=2, max_value=1000)


@require_safe
@member_page
def feed(request: HttpRequest, member: User) -> HttpResponse:
    """A page of startups; only its cards when scripts ask for the next one."""
    address = read_address(request.GET)
    page = _next_page(request, member)
    if page is None and _wants_more(request):
        return HttpResponseClientRefresh()
    page = page or discover_first_page(user=member, query=address.query)
    context = {
        "page": page,
        "cards": cards_of_page(page=page, user=member),
        "more": address.page(page.list_id, page.number + 1) if page.has_more else None,
        "is_personalised": recommendation_settings(user=member).is_personalised,
        "discover": address,
    }
    if _wants_more(request):
        return render(request, "web/partials/feed_page.html", {**context, "degrades": feed_page_degrades(page=page)})
    return render(request, "web/feed.html", {**context, "tag_terms": TAG_TERMS})


def _next_page(request: HttpRequest, member: User) -> FeedPage | None:
    """The page that was asked for; None where that list is gone, or was never theirs: a shared address begins anew."""
    wanted = PageForm(request.GET)
    if not wanted.is_valid():
        return None
    list_id: UUID = wanted.cleaned_data["list"]
    try:
        return discover_next_page(user=member, list_id=list_id, number=wanted.cleaned_data["page"])
    except ListGoneError:
        return None


def _wants_more(request: HttpRequest) -> bool:
    """Whether a page that is open asks for its continuation."""
    return "HX-Request" in request.headers and "page" in request.GET
