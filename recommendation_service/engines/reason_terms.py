"""What two records have in common, as reasons that a member can read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from contracts.api import Reason
from contracts.terms import label_of
from recommendation_service.engines.types import Location, Position
from recommendation_service.engines.vocabulary import normalise

_MOST_KEPT = 20_000
_FEW_KEPT = 2000
"""Texts are long; those of the startups that are shown most are read most."""


def reason(kind: str, values: Sequence[str], text: str) -> Reason:
    """A reason, built without validating what is known to be good."""
    return _reason(kind, tuple(values), text)


@lru_cache(maxsize=_MOST_KEPT)
def _reason(kind: str, values: tuple[str, ...], text: str) -> Reason:
    """Most reasons are given again and again, and never change."""
    return Reason.model_construct(kind=kind, values=list(values), text=text)


def shared(kind: str, values: Sequence[str], sentence: str) -> Reason | None:
    """A reason that names terms, in a sentence with one gap for them; none where there is nothing to name.

    Args:
        kind: For an auditor.
        values: Terms as the startup spells them.
        sentence: With `{}` where they go, in words.
    """
    return _in_words(kind, tuple(values), sentence) if values else None


@lru_cache(maxsize=_MOST_KEPT)
def _in_words(kind: str, values: tuple[str, ...], sentence: str) -> Reason:
    return reason(kind, values, sentence.format(listed([label_of(value) for value in values])))


def known_terms(terms: Iterable[str]) -> frozenset[str]:
    """The terms as they are compared."""
    return frozenset(normalise(term) for term in terms) - {""}


def common(known: Collection[str], offered: Iterable[str]) -> list[str]:
    """The offered values that are among known terms, as they are spelled."""
    return [value for value in offered if normalise(value) in known] if known else []


def shared_place(here: Location, there: Location) -> Reason | None:
    """The smallest place that both are in, as the second spells it; countries and states are known by codes alone."""
    places = (
        (here.city, there.city, f"Based in {there.city}, like you"),
        (here.region, there.region, f"Based in {there.region}, like you"),
        (here.state, there.state, "Based in your state"),
        (here.country, there.country, "Based in your country"),
    )
    for mine, theirs, text in places:
        if theirs and normalise(mine) == normalise(theirs):
            return reason("shared_location", [theirs], text)
    return None


@lru_cache(maxsize=_FEW_KEPT)
def wanted_text(positions: tuple[Position, ...]) -> str:
    """What a startup's open positions ask for, to look for skills in; records, and with them texts, are not kept."""
    return " \n ".join(
        f"{position.title} \n {position.requirements}" for position in positions if position.is_active
    ).casefold()


def mentions(text: str, term: str) -> bool:
    """Whether a casefolded text has a normalised term as words of its own; `machine-learning` is `machine learning`."""
    # Looking for the bare term first is many times cheaper than the expression, and mostly settles it.
    return any(spelling in text and as_words.search(text) for spelling, as_words in _spellings(term))


@lru_cache(maxsize=_MOST_KEPT)
def _spellings(term: str) -> Sequence[tuple[str, re.Pattern[str]]]:
    """Each way to write a term, with what finds it as words of its own."""
    spellings = {term, normalise(label_of(term))} - {""}
    return [(spelling, re.compile(rf"(?<!\w){re.escape(spelling)}(?!\w)")) for spelling in spellings]


def listed(values: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} and {values[-1]}"
