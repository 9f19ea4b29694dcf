"""Reads what people did. An act that was undone, and the undoing itself, are not live: they never count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from accounts.models import User
from contracts.interactions import EXPLICIT_TYPES, Act, InteractionType, resolve_pair
from interactions.models import InteractionEvent
from startups.models import StartupStatus

POPULARITY_WINDOW = timedelta(days=90)
POPULARITY_DEPTH = 1000
POPULARITY_SECONDS = 60
POPULAR_TYPES = EXPLICIT_TYPES - {InteractionType.DISLIKE}
EXCLUDING_TYPES = {InteractionType.APPLY, InteractionType.INTEREST, InteractionType.DISLIKE}


def interaction_list(*, user: User) -> QuerySet[InteractionEvent]:
    """A person's acts, newest first, each with `undone_at`: when it was withdrawn, None while it counts."""
    acts = InteractionEvent.objects.filter(user=user).acts().order_by("-occurred_at", "-id")
    return acts.annotate(undone_at=F("undone_by__occurred_at"))


def interaction_list_live(*, user: User) -> QuerySet[InteractionEvent]:
    """A person's acts that count, newest first."""
    return InteractionEvent.objects.filter(user=user).live().order_by("-occurred_at", "-id")


def interaction_list_standing(*, user: User, types: Collection[str]) -> QuerySet[InteractionEvent]:
    """A person's acts of these types as they stand, newest first, once for each startup and type, with the startup.

    What was done in two tabs is listed once, and a dislike does not stand once another opinion came after it.
    """
    acts = interaction_list_live(user=user).filter(type__in=types)
    overtaken = Q(Exists(_later(user).filter(type=OuterRef("type"))))
    forgiven = Q(type=InteractionType.DISLIKE) & Exists(_later(user).filter(type__in=EXPLICIT_TYPES))
    return acts.exclude(overtaken).exclude(forgiven).select_related("startup")


def interaction_counts_standing(*, user: User) -> dict[str, int]:
    """How many explicit acts of each type stand for a person; every explicit type is there."""
    acts = interaction_list_standing(user=user, types=EXPLICIT_TYPES).order_by().values_list("type")
    return {**{kind.value: 0 for kind in EXPLICIT_TYPES}, **dict(acts.annotate(acts=Count("id")))}


def _later(user: User) -> QuerySet[InteractionEvent]:
    """The live acts towards the same startup that came after the act of the outer query."""
    later = Q(occurred_at__gt=OuterRef("occurred_at")) | Q(occurred_at=OuterRef("occurred_at"), id__gt=OuterRef("id"))
    live = InteractionEvent.objects.filter(user=user).live()
    return live.filter(later, startup_id=OuterRef("startup_id")).order_by()


def interaction_live_types(*, user: User, startup_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """For each startup, the explicit acts by which the person's opinion stands: liking it later forgives a dislike."""
    acts = interaction_list_live(user=user).filter(startup_id__in=startup_ids, type__in=EXPLICIT_TYPES)
    types: dict[UUID, set[str]] = {startup_id: set() for startup_id in startup_ids}
    for startup_id, kind in acts.order_by("occurred_at", "id").values_list("startup_id", "type"):
        types[startup_id].discard(InteractionType.DISLIKE)
        types[startup_id].add(kind)
    return types


def startup_ids_never_to_recommend(*, user: User) -> set[UUID]:
    """Startups that must not be recommended to a person: own, applied or interested, and disliked as of now."""
    acts = interaction_list_live(user=user).filter(type__in=EXPLICIT_TYPES).order_by("id")
    of_startup: dict[UUID, list[Act]] = defaultdict(list)
    for startup_id, kind, occurred_at in acts.values_list("startup_id", "type", "occurred_at"):
        of_startup[startup_id].append(Act(type=InteractionType(kind), occurred_at=occurred_at))
    decided = {startup_id for startup_id, done in of_startup.items() if _outcome_type(done) in EXCLUDING_TYPES}
    return decided | set(user.startups.order_by().values_list("pk", flat=True))


def startup_popular_ids(*, limit: int, without: Collection[UUID] = ()) -> list[UUID]:
    """The startups that most people stood by lately, most popular first, leaving out `without`.

    Lately is the last 90 days before the newest event, so that imported history has popular startups too. A person
    counts once for a startup, however much they do to it, and not at all once they turned personal recommendations
    off. Everybody shares one ranking, counted at most once a minute: it is asked for most when there is trouble.
    """
    ranking: list[UUID] = cache.get_or_set("startup_popular_ids", _count_popular, POPULARITY_SECONDS) or []
    return [pk for pk in ranking if pk not in without][:limit]


def _count_popular() -> list[UUID]:
    newest = InteractionEvent.objects.aggregate(at=Max("occurred_at"))["at"]
    if newest is None:
        return []
    popular = (
        InteractionEvent.objects.filter(occurred_at__gte=newest - POPULARITY_WINDOW, type__in=POPULAR_TYPES)
        .live()
        .filter(startup__status=StartupStatus.ACTIVE)
        .exclude(user__recommendation_settings__is_personalised=False)
        .values("startup_id")
        .annotate(people=Count("user_id", distinct=True))
        .order_by("-people", "startup_id")
        .values_list("startup_id", flat=True)
    )
    return list(popular[:POPULARITY_DEPTH])


def _outcome_type(acts: Iterable[Act]) -> InteractionType | None:
    outcome = resolve_pair(acts)
    return outcome.type if outcome else None
