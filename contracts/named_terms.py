"""Terms of the platform that a text names: who writes of "real estate and e-commerce" is drawn to both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Literal, NamedTuple

from contracts.taxonomy import CATEGORIES, COMMON_TAGS
from contracts.terms import label_of

Kind = Literal["categories", "fields", "tags"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interests:
    """What draws a person, by kind of term; what comes first draws most.

    Skills and stages are left out: their words ("go", "growth", "seed") mean too much else.
    """

    categories: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def named_terms(text: str) -> Interests:
    """The terms whose words stand in a text, in its order, each once; of terms that overlap the longest."""
    found: dict[Kind, dict[str, None]] = {"categories": {}, "fields": {}, "tags": {}}
    for kind, term in _terms_in(_words(text)):
        found[kind][term] = None
    return Interests(**{kind: tuple(terms) for kind, terms in found.items()})


def interests_of(bio: str, chosen: Interests) -> Interests:
    """What a person chose, and what their bio names.

    Categories of the bio lead: people write of what matters most first, but tick boxes in the order of the form.
    """
    named = named_terms(bio)
    return Interests(
        categories=_once(named.categories, chosen.categories),
        fields=_once(chosen.fields, named.fields),
        tags=_once(chosen.tags, named.tags),
    )


class _Term(NamedTuple):
    kind: Kind
    slug: str


def _words(text: str) -> Sequence[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _once(*parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain(*parts)))


def _vocabulary() -> Mapping[tuple[str, ...], tuple[_Term, ...]]:
    """Words -> the terms that are spelled so, as people read them or as the platform stores them."""
    terms = [_Term("categories", category) for category in CATEGORIES]
    for narrower in CATEGORIES.values():
        terms += [_Term("fields", field) for field in narrower.fields]
        terms += [_Term("tags", tag) for tag in narrower.tags]
    terms += [_Term("tags", tag) for tag in COMMON_TAGS]
    spelled: dict[tuple[str, ...], dict[_Term, None]] = {}
    for term in terms:
        for words in (_words(label_of(term.slug)), _words(term.slug)):
            spelled.setdefault(tuple(words), {})[term] = None
    return MappingProxyType({words: tuple(meant) for words, meant in spelled.items()})


_VOCABULARY = _vocabulary()
_LONGEST = max(map(len, _VOCABULARY))


def _terms_in(words: Sequence[str]) -> Iterator[_Term]:
    place = 0
    while place < len(words):
        for length in range(min(_LONGEST, len(words) - place), 0, -1):
            meant = _VOCABULARY.get(tuple(words[place : place + length]))
            if meant is not None:
                yield from meant
                place += length
                break
        else:
            place += 1
