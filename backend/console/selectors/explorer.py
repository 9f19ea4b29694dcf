"""Whom and what an engineer looks into."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from interactions.models import InteractionEvent
from startups.models import Startup

FOUND = 20
EVENTS = 30


def member_search(*, words: str) -> QuerySet[User]:
    """Members by a part of their name or e-mail address, or by id; the newest where nothing is asked for."""
    people = User.objects.only("id", "name", "email", "role", "is_active")
    return people.filter(_named(words, "name", "email"))[:FOUND] if words else people[:FOUND]


def startup_search(*, words: str) -> QuerySet[Startup]:
    """Startups by a part of their title, or by id; the newest where nothing is asked for."""
    startups = Startup.objects.only("id", "title", "category", "status", "type")
    return startups.filter(_named(words, "title"))[:FOUND] if words else startups[:FOUND]


def member_events(*, member: User) -> QuerySet[InteractionEvent]:
    """The latest acts of a member, undoings included."""
    return member.events.select_related("startup", "undone_by")[:EVENTS]


def startup_events(*, startup: Startup) -> QuerySet[InteractionEvent]:
    """The latest acts towards a startup, undoings included."""
    return startup.events.select_related("user", "undone_by")[:EVENTS]


def _named(words: str, *columns: str) -> Q:
    wanted = Q()
    for column in columns:
        wanted |= Q(**{f"{column}__icontains": words})
    try:
        return wanted | Q(pk=UUID(words))
    except ValueError:
        return wanted
