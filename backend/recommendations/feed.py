"""A list of recommended startups, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contracts.api import Reason, Rung, Segment
from startups.models import Startup


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One place of a feed.

    Attributes:
        startup: A startup that members may see.
        rank: Its place in the answer, 1 being the first; places of startups gone since stay empty.
        score: The engine's score; None where nothing was scored.
        reasons: Why it is there.
    """

    startup: Startup
    rank: int
    score: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """An answer to "which startups?", with what made it.

    Attributes:
        request_id: Names the answer; acts that follow from it carry it.
        engine: The engine that ranked it.
        model_version: The learned model's version; None when none took part.
        rung: The rung of the fallback ladder; None for similar startups.
        segment: How much the service knows about the person; None when it was not asked or did not answer.
        degraded: A better answer was due but failed.
        degraded_reason: Why, in one short phrase.
        items: Best first.
        next_cursor: Where the service goes on with this very list; None when it does not.
        has_more: Whether anything is left beyond these items.
    """

    request_id: UUID
    engine: str
    model_version: str | None = None
    rung: Rung | None = None
    segment: Segment | None = None
    degraded: bool = False
    degraded_reason: str | None = None
    items: tuple[FeedItem, ...]
    next_cursor: str | None = None
    has_more: bool = False
