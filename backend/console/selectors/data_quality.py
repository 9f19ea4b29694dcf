"""Whether what comes in is fit to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Max, Q

from accounts.models import User
from interactions.models import InteractionEvent, InteractionEventQuerySet
from startups.models import Startup, StartupStatus

SECONDS_KEPT = 60
FINDINGS_KEPT_AS = "console_data_findings"
RATES_KEPT_AS = "console_event_rates"
REPEAT_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to look at.

    Attributes:
        what: Which records are counted.
        count: How many there are.
        of: Out of how many.
        cure: What to do about them.
    """

    what: str
    count: int
    of: int
    cure: str

    @property
    def share(self) -> float:
        """In [0, 1]; 0 of none is 0."""
        return self.count / self.of if self.of else 0.0


def data_findings() -> list[Finding]:
    """What lacks something, counted at most once a minute for everybody who looks."""
    found: list[Finding] = cache.get_or_set(FINDINGS_KEPT_AS, _count, SECONDS_KEPT) or []
    return found


def are_counted() -> bool:
    """Whether the findings, and the rates that are counted with them, are at hand."""
    return cache.get(FINDINGS_KEPT_AS) is not None and cache.get(RATES_KEPT_AS) is not None


def _count() -> list[Finding]:
    return [*_startup_findings(), *_people_findings(), _repeats()]


def _startup_findings() -> list[Finding]:
    open_ones = Startup.objects.filter(status=StartupStatus.ACTIVE)
    total = open_ones.count()
    return [
        Finding(
            what="Open startups without a text embedding",
            count=open_ones.filter(embedding=None).count(),
            of=total,
            cure="Run generate_embeddings; until then they are found by their facts alone.",
        ),
        Finding(
            what="Open startups without a description",
            count=open_ones.filter(description="").count(),
            of=total,
            cure="Ask their founders: a text is what a new startup is matched by.",
        ),
        Finding(
            what="Open startups without a category",
            count=open_ones.filter(category="").count(),
            of=total,
            cure="Ask their founders, or fill it in at the import.",
        ),
    ]


def _people_findings() -> list[Finding]:
    people = User.objects.filter(is_active=True)
    total = people.count()
    return [
        Finding(
            what="Members without a text embedding",
            count=people.filter(embedding=None).count(),
            of=total,
            cure="Run generate_embeddings; who says nothing of themselves has none.",
        ),
        Finding(
            what="Members with an empty profile and no preferences",
            count=people.filter(_says_nothing()).count(),
            of=total,
            cure="They get what is trending until they act; onboarding asks them.",
        ),
    ]


def _says_nothing() -> Q:
    profile = Q(profile__bio="", profile__skills=[]) | Q(profile=None)
    chosen = ("categories", "fields", "tags", "stages", "skills")
    preferences = Q(**{f"preferences__{name}": [] for name in chosen}) | Q(preferences=None)
    return profile & preferences


def _repeats() -> Finding:
    """Acts beyond the first of the same person, startup and type that stand at once, among the latest days."""
    recent = recent_events(REPEAT_WINDOW).live().exclude(type__in=("view", "click"))
    groups = recent.order_by().values("user_id", "startup_id", "type").annotate(acts=Count("pk")).filter(acts__gt=1)
    repeated = sum(groups.values_list("acts", flat=True)) - groups.count()
    return Finding(
        what=f"Repeated likes, saves and applications ({REPEAT_WINDOW.days} days)",
        count=repeated,
        of=recent.count(),
        cure="Each pair counts once in training; many of them point to a front end that sends twice.",
    )


def newest_event_at() -> datetime | None:
    """When the newest act happened: windows end there, so that imported history has figures, too."""
    newest: datetime | None = InteractionEvent.objects.aggregate(at=Max("occurred_at"))["at"]
    return newest


def recent_events(window: timedelta) -> InteractionEventQuerySet:
    """The acts of the last `window` before the newest one, by the index on time."""
    newest = newest_event_at()
    if newest is None:
        return InteractionEvent.objects.none()
    return InteractionEvent.objects.filter(occurred_at__gt=newest - window)
