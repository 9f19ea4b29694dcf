"""The terms that open startups actually use, most frequent first: what members are offered to choose from.

Counted are the newest open ones, for that is what a new member meets; counting all of 20,000 takes most of a second.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import QuerySet

from contracts.taxonomy import CATEGORIES, COMMON_TAGS, SKILLS, STAGES
from contracts.terms import label_of
from startups.models import Position, Startup, StartupStatus

COUNTED_SECONDS = 600
COUNTED_STARTUPS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCounts:
    """How many open startups use each term, fields and tags apart by category; and how many positions name a skill."""

    categories: Counter[str]
    fields: dict[str, Counter[str]]
    tags: dict[str, Counter[str]]
    stages: Counter[str]
    skills: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTerms:
    """What is offered to choose from, most frequent first."""

    categories: tuple[str, ...]
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    stages: tuple[str, ...]
    skills: tuple[str, ...]


def terms_offered(*, categories: Collection[str] = (), limit: int = 24) -> OfferedTerms:
    """At most `limit` terms of each kind; fields and tags of the named categories come first.

    Where too few startups are open, the platform's own vocabulary fills up: there is always something to choose.
    """
    counts = _counts()
    return OfferedTerms(
        categories=_first(counts.categories, CATEGORIES, limit=limit),
        fields=_first(_within(counts.fields, categories), _own_fields(categories), limit=limit),
        tags=_first(_within(counts.tags, categories), COMMON_TAGS, limit=limit),
        stages=_in_order(counts.stages, limit=limit),
        skills=_first(counts.skills, SKILLS, limit=limit),
    )


def _counts() -> TermCounts:
    counted: TermCounts | None = cache.get_or_set("startup_term_counts", _count, COUNTED_SECONDS)
    return counted or _count()


def _count() -> TermCounts:
    newest = Startup.objects.filter(status=StartupStatus.ACTIVE).order_by("-opened_at", "id")[:COUNTED_STARTUPS]
    counts = TermCounts(
        categories=Counter(), fields=defaultdict(Counter), tags=defaultdict(Counter), stages=Counter(), skills=Counter()
    )
    for category, field, tags, stages in newest.values_list("category", "field", "tags", "stages"):
        counts.categories[category] += 1
        counts.fields[category][field] += 1
        counts.tags[category].update(tags)
        counts.stages.update(stages)
    counts.skills.update(_skills_named(newest))
    return counts


def _skills_named(startups: QuerySet[Startup]) -> Iterable[str]:
    """The skills of the vocabulary, once for each open position that names them."""
    by_label = {label_of(skill).lower(): skill for skill in SKILLS}
    named = re.compile(rf"(?<!\w)({'|'.join(re.escape(label) for label in by_label)})(?!\w)")
    offers = Position.objects.filter(is_active=True, startup__in=startups.values("pk")).order_by()
    for requirements in offers.values_list("requirements", flat=True):
        yield from {by_label[label] for label in named.findall(requirements.lower())}


def _within(counts: dict[str, Counter[str]], categories: Collection[str]) -> list[str]:
    """Terms by frequency in the categories, then by frequency everywhere."""
    inside: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    for category, counter in counts.items():
        everywhere.update(counter)
        if category in categories:
            inside.update(counter)
    return [*_by_frequency(inside), *_by_frequency(everywhere)]


def _first(counted: Counter[str] | list[str], own: Iterable[str], *, limit: int) -> tuple[str, ...]:
    found = _by_frequency(counted) if isinstance(counted, Counter) else counted
    return tuple(dict.fromkeys(term for term in (*found, *own) if term))[:limit]


def _in_order(counted: Counter[str], *, limit: int) -> tuple[str, ...]:
    """Stages follow each other, so they are offered from early to late; the platform's own first."""
    known = [stage for stage in STAGES if counted[stage] or not counted]
    return _first([*known, *_by_frequency(counted)], (), limit=limit)


def _own_fields(categories: Collection[str]) -> list[str]:
    return [
        field for name, terms in CATEGORIES.items() if not categories or name in categories for field in terms.fields
    ]


def _by_frequency(counter: Counter[str]) -> list[str]:
    return sorted(counter, key=lambda term: (-counter[term], term))
