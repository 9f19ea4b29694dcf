"""Where a page of Discover comes from: the member's recommendations, the newest, the most popular, or a search.

Each leaves out what the list showed before and what the rules keep from the member, and keeps the bounds of a page.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from uuid import UUID

from django.conf import settings

from accounts.models import User
from contracts.api import Reason, Rung, StartupFilters
from interactions.selectors import startup_ids_never_to_recommend, startup_popular_ids
from recommendations.client import recommendation_client
from recommendations.diversity import PageBounds
from recommendations.errors import ListGoneError, RecommendationServiceError
from recommendations.fallback import NEWEST, POPULAR, popular_ids
from recommendations.feed import Feed, FeedItem
from recommendations.models import Surface
from recommendations.selectors import recommendation_settings
from recommendations.services import recommendations_for_user, recommendations_next
from startups.models import Startup
from startups.search import Match, startup_search
from startups.selectors import startup_list_by_ids, startup_newest_ids

logger = logging.getLogger(__name__)
PAGE_SIZE = 20
DEPTH = 500
"""How many startups a list of the platform's own looks through for one page."""
MAX_CALLS = 6
"""How often the service is asked for one page, where the bounds of a page left places free."""
IN_NAME = Reason(kind="search_name", values=[], text="Your words are in its name, field or tags")
IN_TEXT = Reason(kind="search_text", values=[], text="Your words are in its description")


@dataclass(slots=True)
class _Places:
    """The places of a page as they are filled."""

    items: list[FeedItem] = field(default_factory=list)
    bounds: PageBounds = field(default_factory=PageBounds)

    @property
    def free(self) -> int:
        return PAGE_SIZE - len(self.items)

    def take(self, items: Sequence[FeedItem]) -> None:
        for item in items:
            if self.free and self.bounds.admit(item.startup):
                self.items.append(item)


def personal_page(*, user: User, filters: StartupFilters, shown: Sequence[UUID], cursor: str | None = None) -> Feed:
    """What the service recommends to the member: from `cursor` on, or a new list.

    Places that the bounds left free are filled only as long as one call may take: a slow service makes the page short,
    not late.

    Raises:
        ListGoneError: If the list of the cursor cannot be continued.
    """
    deadline = monotonic() + settings.RECOMMENDATION_SERVICE_TIMEOUT_SECONDS
    if cursor is None:
        feed = recommendations_for_user(user=user, limit=PAGE_SIZE, filters=filters, exclude=shown)
    else:
        feed = recommendations_next(user=user, cursor=cursor, limit=PAGE_SIZE, exclude=shown)
    places = _Places()
    places.take(feed.items)
    following, has_more = feed.next_cursor, feed.has_more
    for _ in range(MAX_CALLS - 1):
        if not places.free or following is None or monotonic() > deadline:
            break
        try:
            more = recommendations_next(user=user, cursor=following, limit=places.free, exclude=shown)
        except ListGoneError:
            following = None
            break
        places.take(more.items)
        following, has_more = more.next_cursor, more.has_more
    return replace(feed, items=tuple(places.items), next_cursor=following, has_more=has_more)


def newest_page(*, user: User, filters: StartupFilters, shown: Sequence[UUID]) -> Feed:
    """The newest first."""
    ids = startup_newest_ids(limit=DEPTH, without=_left_out(user, shown), filters=filters)
    return _own_feed(ids, engine="platform_newest", rung=Rung.NEWEST, reason_of=lambda _: NEWEST)


def trending_page(*, user: User, filters: StartupFilters, shown: Sequence[UUID]) -> Feed:
    """What most members stood by lately, then the newest."""
    never = _left_out(user, shown)
    popular = popular_ids(limit=DEPTH, never=never, filters=filters)
    newest = startup_newest_ids(limit=DEPTH, without={*never, *popular}, filters=filters)
    known = set(popular)
    return _own_feed(
        [*popular, *newest],
        engine="platform_popularity" if popular else "platform_newest",
        rung=Rung.TRENDING if popular else Rung.NEWEST,
        reason_of=lambda startup: POPULAR if startup.pk in known else NEWEST,
    )


def searched_page(*, user: User, tab: Surface, text: str, filters: StartupFilters, shown: Sequence[UUID]) -> Feed:
    """What holds the words: where they name a startup first, and then in the order of the tab.

    For the member, the service scores the matches; what it cannot score follows as the search found it.
    """
    never = _left_out(user, shown)
    matches = [match for match in startup_search(text=text, filters=filters) if match.startup_id not in never]
    strong = {match.startup_id for match in matches if match.is_strong}
    ordered, engine, problem = _ordered(user, tab, matches)
    feed = _own_feed(
        [match.startup_id for match in sorted(ordered, key=lambda match: not match.is_strong)],
        engine=engine,
        rung=None,
        reason_of=lambda startup: IN_NAME if startup.pk in strong else IN_TEXT,
    )
    return replace(feed, degraded=problem is not None, degraded_reason=problem)


def _ordered(user: User, tab: Surface, matches: list[Match]) -> tuple[list[Match], str, str | None]:
    """The matches in the tab's order, what ordered them, and what went wrong."""
    ids = [match.startup_id for match in matches]
    if tab == Surface.NEWEST:
        return sorted(matches, key=lambda match: match.age), "search_newest", None
    if tab == Surface.TRENDING:
        place = {startup_id: at for at, startup_id in enumerate(startup_popular_ids(limit=DEPTH))}
        return sorted(matches, key=lambda match: place.get(match.startup_id, DEPTH)), "search_popularity", None
    if not matches or not recommendation_settings(user=user).is_personalised:
        return matches, "search", None
    try:
        scores = recommendation_client().scores(user_id=user.pk, startup_ids=ids)
    except RecommendationServiceError as error:
        logger.warning("a search of %s stays in the order of its words (%s): %s", user.pk, error.reason, error)
        return matches, "search", error.reason
    lowest = float("-inf")
    return sorted(matches, key=lambda match: -scores.get(match.startup_id, lowest)), "search_personal", None


def _left_out(user: User, shown: Sequence[UUID]) -> set[UUID]:
    return startup_ids_never_to_recommend(user=user) | set(shown)


def _own_feed(ids: Sequence[UUID], *, engine: str, rung: Rung | None, reason_of: Callable[[Startup], Reason]) -> Feed:
    places = _Places()
    for start in range(0, len(ids), PAGE_SIZE):
        if not places.free:
            break
        places.take(
            [
                FeedItem(startup=startup, rank=start + at, score=None, reasons=(reason_of(startup),))
                for at, startup in enumerate(startup_list_by_ids(ids=ids[start : start + PAGE_SIZE]), start=1)
            ]
        )
    return Feed(
        request_id=uuid.uuid4(),
        engine=engine,
        rung=rung,
        items=tuple(places.items),
        has_more=len(ids) > len(places.items),
    )
