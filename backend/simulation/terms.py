"""Attributes as numbers: each (group, term) has a column, so that affinity is one product of matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from contracts.taxonomy import CATEGORIES, COMMON_TAGS, PLACES, SKILLS, STAGES
from startups.models import StartupType

FloatMatrix = npt.NDArray[np.float32]
Term = tuple[str, str]
"""A group (`category`, `tag`, ...) and a term of it."""
Strengths = Mapping[Term, float]
"""How strongly a startup carries each term, or a person is drawn to it; terms left out count 0."""

STYLES = ("mission-driven", "deep-tech", "community-built", "design-led", "fast-growing", "frugal")
"""How a startup goes about its work: only told in texts, never in a field of its own."""


def _terms() -> tuple[Term, ...]:
    return (
        *(("category", category) for category in CATEGORIES),
        *(("field", field) for terms in CATEGORIES.values() for field in terms.fields),
        *(("tag", tag) for terms in CATEGORIES.values() for tag in terms.tags),
        *(("tag", tag) for tag in COMMON_TAGS),
        *(("kind", kind.value) for kind in StartupType),
        *(("stage", stage) for stage in STAGES),
        *(("skill", skill) for skill in SKILLS),
        *(("country", country) for country in dict.fromkeys(place.country for place in PLACES)),
        *(("city", place.city) for place in PLACES),
        *(("style", style) for style in STYLES),
    )


TERMS = _terms()
"""Every term, in the order of its column."""
_COLUMN = {term: column for column, term in enumerate(TERMS)}


def strengths_matrix(rows: Sequence[Strengths]) -> FloatMatrix:
    """float32 [rows, len(TERMS)] of strengths."""
    matrix = np.zeros((len(rows), len(TERMS)), dtype=np.float32)
    for number, strengths in enumerate(rows):
        for term, strength in strengths.items():
            matrix[number, _COLUMN[term]] = strength
    return matrix
