"""How what a person types becomes a term of the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

from contracts.taxonomy import CATEGORIES, COMMON_TAGS, SKILLS, STAGES
from contracts.terms import label_of

CATEGORY_TERMS = sorted(CATEGORIES)
FIELD_TERMS = sorted(chain.from_iterable(terms.fields for terms in CATEGORIES.values()))
TAG_TERMS = sorted({*COMMON_TAGS, *chain.from_iterable(terms.tags for terms in CATEGORIES.values())})
_KNOWN = {label_of(term).lower(): term for term in (*CATEGORY_TERMS, *FIELD_TERMS, *TAG_TERMS, *STAGES, *SKILLS)}


def as_term(words: str) -> str:
    """`Fraud detection` as `fraud-detection`: the same words are the same term, and a known label is its own."""
    typed = " ".join(words.lower().split())
    return _KNOWN.get(typed) or re.sub(r"[\s-]+", "-", typed).strip("-")


def as_terms(words: Iterable[str]) -> list[str]:
    """The distinct terms in the order they were typed; what is empty falls away."""
    return list(dict.fromkeys(term for text in words if (term := as_term(text))))
