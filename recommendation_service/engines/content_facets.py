"""What a startup says of itself and what a person asks for, in the same terms: (kind, value)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from recommendation_service.engines.types import Location, Position, StartupRecord, UserRecord
from recommendation_service.engines.vocabulary import normalise

Facet = tuple[str, str]
"""Kind and normalised value, e.g. `("category", "fintech")`."""

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
        *(("skill", word) for position in startup.positions if position.is_active for word in _wanted(position)),
        *_place(startup.location),
    ]
    return _normalised(found)


def preferred_facets(user: UserRecord) -> list[Facet]:
    """Every facet that a person asks for once; skills word by word, to meet the wording of positions."""
    found = [
        *(("category", category) for category in user.categories),
        *(("field", field) for field in user.fields),
        *(("stage", stage) for stage in user.stages),
        *(("tag", tag) for tag in user.tags),
        *(("skill", word) for skill in user.skills for word in _words(skill)),
        *_place(user.location),
    ]
    return _normalised(found)


def shared_facets(user: UserRecord, startup: StartupRecord) -> dict[str, list[str]]:
    """Kind -> normalised values that a person asks for and a startup has: what a reason may name."""
    preferred = set(preferred_facets(user))
    shared: dict[str, list[str]] = {}
    for kind, value in startup_facets(startup):
        if (kind, value) in preferred:
            shared.setdefault(kind, []).append(value)
    return shared


def _wanted(position: Position) -> Iterator[str]:
    yield from _words(position.title)
    yield from _words(position.requirements)


def _words(text: str) -> list[str]:
    return re.findall(r"[\w+#]+", text)


def _place(location: Location) -> list[Facet]:
    return [
        ("country", location.country),
        ("state", location.state),
        ("region", location.region),
        ("city", location.city),
    ]


def _normalised(found: Iterable[Facet]) -> list[Facet]:
    facets = ((kind, normalise(value)) for kind, value in found)
    return list(dict.fromkeys(facet for facet in facets if facet[1]))
