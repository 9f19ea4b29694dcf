"""Startups that share a value, like a category or a city, as numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.types import StartupRecord
from recommendation_service.engines.vocabulary import normalise


class StartupGroups:
    """The group of each startup that a moment knows.

    Attributes:
        code_of: Number of each value.
        codes: int64 [S], the number of each startup's value.
    """

    def __init__(self, moment: Moment, value: Callable[[StartupRecord], str], begun: StartupGroups | None) -> None:
        """Number the values; what `begun` numbered for the moment that this one grew from is not read again."""
        self.code_of: dict[str, int] = dict(begun.code_of) if begun else {}
        added = [self.code_of.setdefault(value(startup), len(self.code_of)) for startup in moment.added]
        codes = np.array(added, dtype=np.int64)
        if begun is not None:
            codes = np.concatenate([begun.codes, codes])
        self.codes: npt.NDArray[np.int64] = codes[moment.order]


def category_of(startup: StartupRecord) -> str:
    """Its category, in the spelling that meets others."""
    return normalise(startup.category)
