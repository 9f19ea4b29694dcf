"""Reads startups."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import User
from contracts.api import StartupFilters
from startups.models import Position, Startup, StartupStatus

NO_FILTERS = StartupFilters()
_COLUMNS = {
    "type": "type",
    "category": "category",
    "field": "field",
    "phase": "phase",
    "stage": "stages__has_term",
    "tag": "tags__has_term",
    "created_after": "opened_at__gt",
}


def startup_list(*, filters: StartupFilters | None = None) -> QuerySet[Startup]:
    """The startups that members may see, newest first, with their open positions."""
    wanted = filters or NO_FILTERS
    values = {column: getattr(wanted, name) for name, column in _COLUMNS.items()}
    restrictions = {column: value for column, value in values.items() if value is not None}
    startups = Startup.objects.filter(status=StartupStatus.ACTIVE, **restrictions)
    if wanted.has_open_positions is not None:
        startups = startups.filter(_has_open_positions(wanted=wanted.has_open_positions))
    return _with_open_positions(startups.order_by("-opened_at", "id"))


def _with_open_positions(startups: QuerySet[Startup]) -> QuerySet[Startup]:
    open_ones = Position.objects.filter(is_active=True).order_by("id")
    return startups.prefetch_related(Prefetch("positions", open_ones))


def _has_open_positions(*, wanted: bool) -> Q:
    offers = Q(Exists(Position.objects.filter(startup=OuterRef("pk"), is_active=True)))
    return offers if wanted else ~offers


def startup_get_visible(*, startup_id: UUID) -> Startup | None:
    """The startup with its open positions and its owner, if members may see it."""
    return startup_list().filter(pk=startup_id).select_related("owner").first()


def startup_list_by_ids(*, ids: Iterable[UUID]) -> list[Startup]:
    """The visible startups among `ids`, in the order of `ids`.

    The invisible ones are dropped here rather than in SQL: SQLite, without statistics, would look for the few ids among
    all that are visible.
    """
    wanted = list(ids)
    found = _with_open_positions(Startup.objects.all()).in_bulk(wanted)
    return [found[pk] for pk in wanted if pk in found and found[pk].status == StartupStatus.ACTIVE]


def startup_first_by_ids(*, ids: Sequence[UUID], limit: int) -> list[Startup]:
    """The first `limit` visible startups among `ids`, in the order of `ids`; reads no more of them than it needs."""
    found: list[Startup] = []
    for start in range(0, len(ids), limit):
        if len(found) < limit:
            found += startup_list_by_ids(ids=ids[start : start + limit])
    return found[:limit]


def startup_newest_ids(
    *, limit: int, without: Collection[UUID] = (), filters: StartupFilters | None = None
) -> list[UUID]:
    """The newest visible startups, at most `limit`, leaving out `without`.

    The left-out ones are dropped here rather than in SQL, where a long list would meet the limit on parameters.
    """
    newest = startup_list(filters=filters).values_list("pk", flat=True)[: limit + len(without)]
    return [pk for pk in newest if pk not in without][:limit]


def startup_ids_matching(*, ids: Collection[UUID], filters: StartupFilters) -> set[UUID]:
    """The visible startups among `ids` (some thousands at most) that the filters let through."""
    return set(startup_list(filters=filters).filter(pk__in=ids).values_list("pk", flat=True))


def startup_facets() -> dict[str, list[str]]:
    """The categories that visible startups have, each with its fields, both in alphabetical order."""
    pairs = Startup.objects.filter(status=StartupStatus.ACTIVE).order_by("category", "field")
    facets: dict[str, list[str]] = {}
    for category, name in pairs.values_list("category", "field").distinct():
        fields = facets.setdefault(category, [])
        if name:
            fields.append(name)
    return facets


def startup_list_of_owner(*, owner: User) -> QuerySet[Startup]:
    """A founder's startups, whatever their status, newest first, with all their positions."""
    return Startup.objects.filter(owner=owner).order_by("-opened_at", "id").prefetch_related("positions")


def startup_get_own(*, owner: User, startup_id: UUID) -> Startup | None:
    """The startup with all its positions, if it is theirs, whatever its status."""
    return startup_list_of_owner(owner=owner).filter(pk=startup_id).first()
