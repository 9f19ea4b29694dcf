"""The sections of the platform, for whom each is, and which of them a page belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Role, User
from applications.selectors import application_waiting_count, invitation_open_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of the platform as the navigation shows it.

    Attributes:
        label: What it is called.
        icon: A symbol of `icons.svg`.
        home: The view that opens it.
        views: What the names of its views start with.
    """

    label: str
    icon: str
    home: str
    views: tuple[str, ...]


FOR_YOU = Section(
    label="For you",
    icon="compass",
    home="web:feed",
    views=("web:feed", "web:startup", "web:discover"),
)
ACTIVITY = Section(label="Activity", icon="activity", home="web:activity", views=("web:activity", "web:invitation"))
STARTUPS = Section(label="My startups", icon="rocket", home="web:founder_startups", views=("web:founder", "web:member"))
CONSOLE = Section(label="Console", icon="gauge", home="console:overview", views=("console:",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A section as a link on one page."""

    section: Section
    address: str
    is_current: bool
    count: int = 0
    """How many things wait there for the member."""


def navigation_links(request: HttpRequest, *, member: User) -> list[Link]:
    """The sections that are for the member, in order."""
    wanted = [FOR_YOU, ACTIVITY]
    if member.role == Role.ENTREPRENEUR or member.startups.exists():
        wanted.append(STARTUPS)
    if member.is_staff:
        wanted.append(CONSOLE)
    shown, waiting = _view_name(request), {ACTIVITY: invitation_open_count(member=member)}
    if STARTUPS in wanted:
        waiting[STARTUPS] = application_waiting_count(owner=member)
    return [
        Link(
            section=section,
            address=reverse(section.home),
            is_current=shown.startswith(section.views),
            count=waiting.get(section, 0),
        )
        for section in wanted
    ]


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
