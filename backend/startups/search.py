"""Finds startups by words.

The database narrows the catalogue with LIKE, which is the same on SQLite and PostgreSQL; what a match is, and how good,
is decided here, so that both answer the same: every word of the query must begin a word of the startup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from contracts.api import StartupFilters
from startups.selectors import startup_list

MAX_WORDS = 8
MAX_CANDIDATES = 400
"""The newest that hold all the words, of which the best are picked."""
_WEIGHTS = {"title": 8, "tags": 4, "category": 4, "field": 4, "description": 1}
STRONG = 4
"""A word found beyond the description is what the startup is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A startup that holds all the words.

    Attributes:
        strength: The sum over the words of the weight of the best place they stand in.
        is_strong: Whether every word stands in the title, the category, the field or a tag.
        age: Its place among the candidates, 0 being the newest.
    """

    startup_id: UUID
    strength: int
    is_strong: bool
    age: int


def search_words(text: str) -> list[str]:
    """The distinct words of a query in lower case, the first `MAX_WORDS`; punctuation parts words."""
    return list(dict.fromkeys(re.findall(r"\w+", text.lower())))[:MAX_WORDS]


def startup_search(*, text: str, filters: StartupFilters | None = None) -> list[Match]:
    """The visible startups that hold all words of `text`, strongest first, then newest; none without a word."""
    words = search_words(text)
    if not words:
        return []
    wanted = startup_list(filters=filters).prefetch_related(None)
    for word in words:
        wanted = wanted.filter(_holds(word))
    rows = wanted.values_list("pk", *_WEIGHTS)[:MAX_CANDIDATES]
    patterns = [re.compile(rf"\b{re.escape(word)}") for word in words]
    found = [match for age, row in enumerate(rows) if (match := _match(row[0], row[1:], patterns, age)) is not None]
    return sorted(found, key=lambda match: -match.strength)


def _holds(word: str) -> Q:
    """SQLite folds the case of ASCII letters only, and spells others in tags as JSON does: hence the spellings."""
    spellings = {word}
    if not word.isascii():
        cased = {word, word.upper(), word.capitalize()}
        spellings = cased | {json.dumps(spelling).strip('"') for spelling in cased}
    condition = Q()
    for spelling in spellings:
        for column in _WEIGHTS:
            condition |= Q(**{f"{column}__icontains": spelling})
    return condition


def _match(startup_id: UUID, values: Sequence[object], patterns: Sequence[re.Pattern[str]], age: int) -> Match | None:
    texts = [_as_text(value) for value in values]
    weights = list(_WEIGHTS.values())
    best = [
        max((weight for weight, text in zip(weights, texts, strict=True) if pattern.search(text)), default=0)
        for pattern in patterns
    ]
    if not all(best):
        return None
    return Match(startup_id=startup_id, strength=sum(best), is_strong=min(best) >= STRONG, age=age)


def _as_text(value: object) -> str:
    return " ".join(map(str, value)).lower() if isinstance(value, list) else str(value).lower()
