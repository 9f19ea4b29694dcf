"""What a startup says of itself and what a person asks for, in the same terms: (kind, value)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from recommendation_service.engines.types import Location, Position, StartupRecord, UserRecord
from recommendation_service.engines.vocabulary import normalise

Facet = tuple[str, str]
"""Kind and normalised value, e.g. `("category", "fintech")`."""

_KEPT = 16_384
"""Facets of so many positions, and of as many places, are kept: many startups have the same."""
FACET_KINDS = (
    "category",
    "field",
    "type",
    "phase",
    "stage",
    "tag",
    "skill",
    "country",
    "state",
    "region",
    "city",
)


def startup_facets(startup: StartupRecord) -> list[Facet]:
    """Every facet of a startup once; what is unknown is left out."""
    found = [
        ("category", startup.category),
        ("field", startup.field),
        ("type", startup.type),
        ("phase", startup.phase),
        *(("stage", stage) for stage in startup.stages),
        *(("tag", tag) for tag in startup.tags),
    ]
    facets = dict.fromkeys(_normalised(found))
    for position in startup.positions:
        facets.update(dict.fromkeys(_wanted(position)))
    facets.update(dict.fromkeys(_place(startup.location)))
    return list(facets)


@lru_cache(maxsize=_KEPT)
def preferred_facets(user: UserRecord) -> tuple[Facet, ...]:
    """Every facet that a person asks for once; skills word by word, to meet the wording of positions.

    Remembered for the very record: another of the same person is looked at anew.
    """
    found = [
        *(("category", category) for category in user.categories),
        *(("field", field) for field in user.fields),
        *(("stage", stage) for stage in user.stages),
        *(("tag", tag) for tag in user.tags),
        *(("skill", word) for skill in user.skills for word in _words(skill)),
    ]
    return tuple(dict.fromkeys([*_normalised(found), *_place(user.location)]))


def shared_facets(user: UserRecord, startup: StartupRecord) -> dict[str, list[str]]:
    """Kind -> normalised values that a person asks for and a startup has: what a reason may name."""
    preferred = set(preferred_facets(user))
    shared: dict[str, list[str]] = {}
    for kind, value in startup_facets(startup):
        if (kind, value) in preferred:
            shared.setdefault(kind, []).append(value)
    return shared


@lru_cache(maxsize=_KEPT)
def _wanted(position: Position) -> tuple[Facet, ...]:
    """Facets of what a position asks for; none once it is filled."""
    if not position.is_active:
        return ()
    return _normalised(("skill", word) for word in (*_words(position.title), *_words(position.requirements)))


def _words(text: str) -> list[str]:
    return re.findall(r"[\w+#]+", text)


@lru_cache(maxsize=_KEPT)
def _place(location: Location) -> tuple[Facet, ...]:
    named = (
        ("country", location.country),
        ("state", location.state),
        ("region", location.region),
        ("city", location.city),
    )
    return _normalised(named)


def _normalised(found: Iterable[Facet]) -> tuple[Facet, ...]:
    """In terms that meet, without what is empty."""
    return tuple([(kind, term) for kind, value in found if (term := normalise(value))])
