"""What the member did, to be taken back where that can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from api.pagination import Keyset
from applications.models import Application
from applications.selectors import application_list_ended, application_list_of_member, invitation_open_count
from contracts.interactions import InteractionType
from interactions.models import InteractionEvent
from interactions.selectors import interaction_counts_standing, interaction_list, interaction_list_standing
from web.members import member_page
from web.pages import page_or_first

SHOWN = 30
LATEST_FIRST = Keyset(time="occurred_at", newest_key_first=True, parse_key=int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One list of acts.

    Attributes:
        types: Which acts it lists as they stand; none for the whole history.
        empty: What to say where there is none.
    """

    name: str
    label: str
    types: tuple[InteractionType, ...]
    empty: str

    def acts(self, user: User) -> QuerySet[InteractionEvent]:
        """The member's acts of this list."""
        if not self.types:
            return interaction_list(user=user).select_related("startup")
        standing = interaction_list_standing(user=user, types=self.types)
        return standing.exclude(startup__in=self.ended(user).order_by().values("startup"))

    def ended(self, user: User) -> QuerySet[Application]:
        """The member's applications that are listed by how they ended, in place of the act that stands for some."""
        ended = application_list_ended(member=user)
        return ended if InteractionType.APPLY in self.types else ended.none()


TABS = (
    Tab(
        name="saved",
        label="Saved",
        types=(InteractionType.FAVORITE, InteractionType.LIKE),
        empty="Like or save a few startups and they wait for you here.",
    ),
    Tab(
        name="applied",
        label="Applied",
        types=(InteractionType.APPLY,),
        empty="Apply to a startup and follow here what becomes of it.",
    ),
    Tab(
        name="interested",
        label="Interested",
        types=(InteractionType.INTEREST,),
        empty="Express interest in a startup and you find it here.",
    ),
    Tab(
        name="hidden",
        label="Hidden",
        types=(InteractionType.DISLIKE,),
        empty="Startups that you are not interested in are kept here, in case you change your mind.",
    ),
    Tab(name="history", label="History", types=(), empty="What you do is listed here, step by step."),
)


@require_safe
@member_page
def activity(request: HttpRequest, member: User) -> HttpResponse:
    """One list of what the member did, newest first, with the number of each."""
    chosen = next((tab for tab in TABS if tab.name == request.GET.get("tab")), TABS[0])
    acts, following = page_or_first(LATEST_FIRST, chosen.acts(member), limit=SHOWN, cursor=request.GET.get("cursor"))
    context: dict[str, Any] = {
        "tab": chosen,
        "tabs": _numbered_tabs(member),
        "acts": acts,
        "applications": {},
        "following": following,
        "invitations": invitation_open_count(member=member),
    }
    if chosen.name == "applied":
        applications = application_list_of_member(member=member)
        context["applications"] = {application.startup_id: application for application in applications}
        context["ended"] = None if following else chosen.ended(member)
    return render(request, "web/activity.html", context)


def _numbered_tabs(member: User) -> list[tuple[Tab, int]]:
    """Each list with the number of what is in it."""
    standing = interaction_counts_standing(user=member)
    return [(tab, _number(tab, member, standing)) for tab in TABS]


def _number(tab: Tab, member: User, standing: Mapping[str, int]) -> int:
    if not tab.types:
        return interaction_list(user=member).count()
    if InteractionType.APPLY in tab.types:
        return tab.acts(member).count() + tab.ended(member).count()
    return sum(standing[kind] for kind in tab.types)
