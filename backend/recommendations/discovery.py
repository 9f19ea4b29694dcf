"""The pages of Discover: lists that never repeat, look the same when asked for again, and follow what the member does.

Every page is kept as it was shown. The next one leaves out all before it; it goes on with the service's list where
that is still kept and the member did nothing meanwhile, and else begins a new list.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import User
from contracts.api import MAX_REASON_LENGTH, StartupFilters
from interactions.models import InteractionEvent
from recommendations.errors import ListGoneError
from recommendations.feed import Feed
from recommendations.models import FeedPage, Surface
from recommendations.page_sources import newest_page, personal_page, searched_page, trending_page
from recommendations.selectors import recommendation_settings
from startups.models import Startup
from startups.selectors import NO_FILTERS, startup_list_by_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverQuery:
    """What a member wants to see.

    Attributes:
        tab: Which order: for the member, newest first, or what most stand by.
        text: Words that must occur; empty for none.
        filters: What the list is drawn from.
    """

    tab: Surface = Surface.FOR_YOU
    text: str = ""
    filters: StartupFilters = NO_FILTERS

    @property
    def surface(self) -> Surface:
        """Where an impression of it is counted."""
        return Surface.SEARCH if self.text else self.tab

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"tab": str(self.tab), "text": self.text, "filters": self.filters.model_dump(mode="json")}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What `to_json` wrote."""
        return cls(tab=Surface(data["tab"]), text=data["text"], filters=StartupFilters.model_validate(data["filters"]))


def discover_first_page(*, user: User, query: DiscoverQuery) -> FeedPage:
    """The first page of a new list."""
    feed = _begin(user, query, shown=[])
    return feed_page_keep(user=user, surface=query.surface, feed=feed, query=query.to_json())


def discover_next_page(*, user: User, list_id: UUID, number: int) -> FeedPage:
    """A page of a list that was begun; the same one again however often, or from however many tabs, it is asked for.

    Raises:
        ListGoneError: If there is no such list of theirs, or the page before was never shown.
    """
    pages = list(_pages(user, list_id).filter(number__lte=number))
    if pages and pages[-1].number == number:
        return pages[-1]
    if not pages or len(pages) != number - 1:
        raise ListGoneError("its pages are no longer kept")
    last = pages[-1]
    query = DiscoverQuery.from_json(last.query)
    shown = [UUID(item["startup"]) for page in pages for item in page.items]
    feed = _continue(user, query, last, shown=shown)
    try:
        with transaction.atomic():
            return feed_page_keep(
                user=user, surface=query.surface, feed=feed, query=last.query, after=last, shown=len(shown)
            )
    except IntegrityError:  # another tab was first; that page is the truth
        return _pages(user, list_id).get(number=number)


def feed_page_degrades(*, page: FeedPage) -> bool:
    """Whether something simpler stands in from this page on, while the page before it was what was due."""
    if not page.degraded_reason or page.number == 1:
        return False
    before = FeedPage.objects.filter(list_id=page.list_id, number=page.number - 1).first()
    return before is not None and not before.degraded_reason


def feed_page_keep(
    *,
    user: User,
    surface: Surface,
    feed: Feed,
    query: dict[str, Any] | None = None,
    after: FeedPage | None = None,
    shown: int = 0,
) -> FeedPage:
    """Keep a list as a page that is put before a member.

    Args:
        user: The member.
        surface: Where it is shown.
        feed: What is shown.
        query: What was asked for.
        after: The page before it in the same list.
        shown: How many places the pages before it have.
    """
    page = FeedPage.objects.create(
        list_id=after.list_id if after else uuid.uuid4(),
        number=after.number + 1 if after else 1,
        user=user,
        surface=surface,
        query=query or {},
        request_id=feed.request_id,
        engine=feed.engine,
        model_version=feed.model_version or "",
        rung=feed.rung or "",
        segment=feed.segment or "",
        degraded_reason=_reason(feed),
        items=[
            {
                "startup": str(item.startup.pk),
                "position": shown + place,
                "reasons": [reason.model_dump() for reason in item.reasons],
            }
            for place, item in enumerate(feed.items, start=1)
        ],
        next_cursor=feed.next_cursor or "",
        has_more=feed.has_more,
    )
    page.fresh = [item.startup for item in feed.items]
    return page


def feed_page_startups(*, page: FeedPage) -> list[Startup]:
    """The startups of a page in their order; those that members may no longer see fall out."""
    if page.fresh is not None:
        return list(page.fresh)
    return startup_list_by_ids(ids=[UUID(item["startup"]) for item in page.items])


def _reason(feed: Feed) -> str:
    if not feed.degraded:
        return ""
    return (feed.degraded_reason or "the service did not say why")[:MAX_REASON_LENGTH]


def _pages(user: User, list_id: UUID) -> QuerySet[FeedPage]:
    return FeedPage.objects.filter(user=user, list_id=list_id).order_by("number")


def _begin(user: User, query: DiscoverQuery, *, shown: Sequence[UUID]) -> Feed:
    if query.text:
        return searched_page(user=user, tab=query.tab, text=query.text, filters=query.filters, shown=shown)
    if query.tab == Surface.NEWEST:
        return newest_page(user=user, filters=query.filters, shown=shown)
    if query.tab == Surface.TRENDING or not recommendation_settings(user=user).is_personalised:
        return trending_page(user=user, filters=query.filters, shown=shown)
    return personal_page(user=user, filters=query.filters, shown=shown)


def _continue(user: User, query: DiscoverQuery, last: FeedPage, *, shown: Sequence[UUID]) -> Feed:
    if last.next_cursor and not _acted_since(user, last.created_at):
        try:
            return personal_page(user=user, filters=query.filters, shown=shown, cursor=last.next_cursor)
        except ListGoneError:
            return _begin(user, query, shown=shown)
    return _begin(user, query, shown=shown)


def _acted_since(user: User, moment: datetime) -> bool:
    """What the member did meanwhile must show at once."""
    return InteractionEvent.objects.filter(user=user, recorded_at__gte=moment).exists()
