"""Why a person is in a startup's list: only what the records, or the numbers that ranked, show to be true."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from contracts.api import Reason
from recommendation_service.engines.reason_terms import common, known_terms, mentions, reason, shared, wanted_text
from recommendation_service.engines.reasons import CLOSE_FROM, LIKED_FROM, MOST_REASONS
from recommendation_service.engines.similarity import StartupSimilarity
from recommendation_service.engines.types import Catalogue, Location, StartupRecord, UserRecord, UserState
from recommendation_service.engines.vocabulary import normalise


def explain_people(
    catalogue: Catalogue, similarity: StartupSimilarity, column: int, people: Sequence[UserState]
) -> list[list[Reason]]:
    """The reasons of each person, the weightiest first, at most MOST_REASONS each; may be none.

    Args:
        catalogue: Holds the startup, and what people liked that is still open.
        similarity: How close startups' texts are.
        column: The startup.
        people: The list.
    """
    startup = catalogue.startups[column]
    wanted = wanted_text(startup.positions)
    return [
        _reasons(startup, wanted, person.record, _closest_liked(catalogue, similarity, column, person))
        for person in people
    ]


def _reasons(startup: StartupRecord, wanted: str, person: UserRecord, liked: StartupRecord | None) -> list[Reason]:
    skills = [skill for skill in person.skills if mentions(wanted, skill.strip().casefold())]
    found = [
        shared("shared_skills", skills, "Knows {}, which the startup looks for"),
        _close_to(liked),
        shared("shared_tags", common(known_terms(person.tags), startup.tags), "Follows {}"),
        shared("shared_category", common(known_terms(person.categories), (startup.category,)), "Interested in {}"),
        shared("shared_field", common(known_terms(person.fields), (startup.field,)), "Interested in {}"),
        shared("shared_stages", common(known_terms(person.stages), startup.stages), "Prefers the {} stage"),
        _same_place(person.location, startup.location),
    ]
    return [one for one in found if one is not None][:MOST_REASONS]


def _closest_liked(
    catalogue: Catalogue, similarity: StartupSimilarity, column: int, person: UserState
) -> StartupRecord | None:
    """The liked, still open startup whose text is closest to this one's; None where none is close."""
    index_of = catalogue.index_of
    liked = [
        index_of[item.startup_id]
        for item in person.history
        if item.label >= LIKED_FROM and item.startup_id in index_of and index_of[item.startup_id] != column
    ]
    if not liked:
        return None
    cosine = similarity.text_cosine(np.array([column]), np.array(liked))[0]
    best = int(cosine.argmax())
    return catalogue.startups[liked[best]] if cosine[best] >= CLOSE_FROM else None


def _close_to(liked: StartupRecord | None) -> Reason | None:
    if liked is None:
        return None
    return reason("close_text", [liked.id], f"Liked {liked.title}, which is close to this one")


def _same_place(here: Location, there: Location) -> Reason | None:
    """The smallest place that both are in, as the startup spells it; countries and states are known by codes alone."""
    places = (
        (here.city, there.city, f"Based in {there.city}, like the startup"),
        (here.region, there.region, f"Based in {there.region}, like the startup"),
        (here.state, there.state, "Based in the startup's state"),
        (here.country, there.country, "Based in the startup's country"),
    )
    for mine, theirs, text in places:
        if theirs and normalise(mine) == normalise(theirs):
            return reason("shared_location", [theirs], text)
    return None
