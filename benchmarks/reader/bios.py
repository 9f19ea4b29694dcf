"""What texts tell: templates leave terms word by word, and a sentence for each style."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.taxonomy import CATEGORIES
from contracts.terms import label_of
from simulation.texts import STYLE_SENTENCES, STYLE_WISHES


@dataclass(frozen=True, slots=True, kw_only=True)
class Bio:
    """What a person says of themselves.

    Attributes:
        categories: Of all interests, strongest first.
        fields: All of the first interest.
        tags: Two of the first interest.
        style: One of one or two.
    """

    categories: tuple[str, ...]
    fields: frozenset[str]
    tags: frozenset[str]
    style: str


def read_bio(text: str) -> Bio | None:
    """What a bio tells; None where there is none."""
    if not text:
        return None
    interests, details, *_ = text.split(". ")
    categories = named(CATEGORIES, interests)
    terms = CATEGORIES[categories[0]]
    return Bio(
        categories=categories,
        fields=frozenset(named(terms.fields, details)),
        tags=frozenset(named(terms.tags, details)),
        style=_style(text, STYLE_WISHES),
    )


def style_of(description: str) -> str:
    """How a startup goes about its work."""
    return _style(description, STYLE_SENTENCES)


def named(terms: Iterable[str], text: str) -> tuple[str, ...]:
    """The terms whose words stand in a text, in the order of the text."""
    found = {term: match.start() for term in terms if (match := re.search(rf"\b{re.escape(label_of(term))}\b", text))}
    return tuple(sorted(found, key=found.__getitem__))


def _style(text: str, sentences: Mapping[str, Sequence[str]]) -> str:
    """The style of which a sentence stands in the text.

    Raises:
        ValueError: If there is none.
    """
    for style, choices in sentences.items():
        if any(sentence in text for sentence in choices):
            return style
    raise ValueError(f"no sentence in {text!r} tells a style; the reader knows texts of the simulation only")
