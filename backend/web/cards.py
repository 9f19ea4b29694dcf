"""What a card shows: a startup, why it is there, and what the member did and can do."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID

from django.shortcuts import resolve_url

from accounts.models import Role, User
from contracts.api import Reason
from contracts.interactions import InteractionType
from interactions.selectors import interaction_live_types
from recommendations.discovery import feed_page_startups
from recommendations.models import FeedPage
from startups.models import Startup, StartupType


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The recommendation answer that put a startup before the member, if any."""

    request_id: UUID | None = None
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """A startup as a member meets it.

    Attributes:
        startup: The startup.
        acts: The explicit acts of the member that stand.
        commitment: What the member can do beyond liking: apply, or express interest.
        origin: The answer it came with.
        own: Whether the member owns it: then there is nothing to do to it.
        reasons: Why it was recommended.
        page_id: The page it stands on, where being seen counts.
        key: Makes a repeated click one act; new with every rendering.
    """

    startup: Startup
    acts: frozenset[str]
    commitment: InteractionType
    origin: Origin
    own: bool
    reasons: tuple[Reason, ...] = ()
    page_id: UUID | None = None
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @cached_property
    def address(self) -> str:
        """The startup's page, told what led there."""
        page = resolve_url("web:startup", self.startup.pk)
        if self.origin.request_id is None:
            return page
        led = {"request_id": self.origin.request_id, "position": self.origin.position or ""}
        return f"{page}?{urlencode(led)}"

    @property
    def hidden(self) -> bool:
        """The member is not interested."""
        return InteractionType.DISLIKE in self.acts

    @property
    def committed(self) -> bool:
        """The member applied or expressed interest."""
        return bool(self.acts & {InteractionType.APPLY, InteractionType.INTEREST})

    @property
    def commitment_made(self) -> str:
        """The commitment that stands, to be withdrawn."""
        return InteractionType.APPLY if InteractionType.APPLY in self.acts else InteractionType.INTEREST


def cards_of_page(*, page: FeedPage, user: User) -> list[Card]:
    """One card per place of a page, as it was first shown; startups gone since fall out."""
    places = {UUID(item["startup"]): item for item in page.items}
    startups = feed_page_startups(page=page)
    return _cards(
        [
            (startup, Origin(request_id=page.request_id, position=places[startup.pk]["position"]))
            for startup in startups
        ],
        [tuple(Reason(**reason) for reason in places[startup.pk]["reasons"]) for startup in startups],
        user=user,
        page_id=page.pk,
    )


def card_of_startup(*, startup: Startup, user: User, origin: Origin) -> Card:
    """The card of one startup."""
    return _cards([(startup, origin)], [()], user=user)[0]


def _cards(
    places: list[tuple[Startup, Origin]],
    reasons: Iterable[tuple[Reason, ...]],
    *,
    user: User,
    page_id: UUID | None = None,
) -> list[Card]:
    acts = interaction_live_types(user=user, startup_ids=[startup.pk for startup, _ in places])
    return [
        Card(
            startup=startup,
            acts=frozenset(acts[startup.pk]),
            commitment=_commitment(startup=startup, user=user),
            origin=origin,
            own=startup.owner_id == user.pk,
            reasons=why,
            page_id=page_id,
        )
        for (startup, origin), why in zip(places, reasons, strict=True)
    ]


def _commitment(*, startup: Startup, user: User) -> InteractionType:
    """Investors, and whoever looks at a marketplace startup, express interest; the others apply."""
    if user.role == Role.INVESTOR or startup.type == StartupType.MARKETPLACE:
        return InteractionType.INTEREST
    return InteractionType.APPLY
