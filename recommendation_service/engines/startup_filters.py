"""Which startups of a catalogue a list may be drawn from, by what is asked of them.

Every facet is laid out as the columns that have it, on first use; a filter is then a few writes into a mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from contracts.api import StartupFilters
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import BoolArray, Catalogue, IntArray, StartupRecord
from recommendation_service.engines.vocabulary import normalise

TERMS: Mapping[str, Callable[[StartupRecord], Iterable[str]]] = {
    "type": lambda startup: (startup.type,),
    "category": lambda startup: (startup.category,),
    "field": lambda startup: (startup.field,),
    "phase": lambda startup: (startup.phase,),
    "stage": lambda startup: startup.stages,
    "tag": lambda startup: startup.tags,
}
"""The filters that name a term, and what of a startup each looks at."""


class StartupFilterIndex:
    """The facets of one catalogue; safe to share between threads."""

    def __init__(self, catalogue: Catalogue, begun: StartupFilterIndex | None = None) -> None:
        """Take over a catalogue.

        Args:
            catalogue: N startups.
            begun: Of a catalogue that this one begins with; what is laid out there is only added to.
        """
        self._catalogue = catalogue
        self._columns: dict[str, Mapping[str, IntArray]] = {}
        if begun is not None:
            self._take_over(begun)

    def narrow(self, allowed: BoolArray, filters: StartupFilters) -> None:
        """Take away, in place, what the filters rule out.

        Args:
            allowed: bool [N]; only ever turned to False.
            filters: Terms are compared normalised; a term nobody has leaves nothing.
        """
        for name in TERMS:
            term = getattr(filters, name)
            if term is not None:
                allowed &= self._having(name, normalise(term))
        if filters.has_open_positions is not None:
            allowed &= self._has_open_positions == filters.has_open_positions
        if filters.created_after is not None:
            allowed &= self._opened_at > to_microseconds(filters.created_after)

    def _having(self, name: str, term: str) -> BoolArray:
        having = np.zeros(len(self._catalogue), dtype=np.bool_)
        having[self._columns_by_term(name).get(term, _NO_COLUMNS)] = True
        return having

    def _columns_by_term(self, name: str) -> Mapping[str, IntArray]:
        """Two threads that both come first lay out the same."""
        columns = self._columns.get(name)
        if columns is None:
            columns = self._columns[name] = _by_term(self._catalogue.startups, TERMS[name])
        return columns

    @cached_property
    def _has_open_positions(self) -> BoolArray:
        return _open_positions(self._catalogue.startups)

    @cached_property
    def _opened_at(self) -> npt.NDArray[np.int64]:
        return _opening_times(self._catalogue.startups)

    def _take_over(self, begun: StartupFilterIndex) -> None:
        there = len(begun._catalogue)
        added = self._catalogue.startups[there:]
        for name, columns in dict(begun._columns).items():
            self._columns[name] = _joined(columns, _by_term(added, TERMS[name], first=there))
        # Another thread may be laying these out just now: then they are laid out anew here, too.
        laid_out = dict(begun.__dict__)
        if "_has_open_positions" in laid_out:
            self._has_open_positions = np.concatenate([laid_out["_has_open_positions"], _open_positions(added)])
        if "_opened_at" in laid_out:
            self._opened_at = np.concatenate([laid_out["_opened_at"], _opening_times(added)])


_NO_COLUMNS = np.empty(0, dtype=np.int32)


def _open_positions(startups: Sequence[StartupRecord]) -> BoolArray:
    return np.array([any(position.is_active for position in startup.positions) for startup in startups], np.bool_)


def _opening_times(startups: Sequence[StartupRecord]) -> npt.NDArray[np.int64]:
    return np.array([to_microseconds(startup.opened_at) for startup in startups], dtype=np.int64)


def _joined(begun: Mapping[str, IntArray], added: Mapping[str, IntArray]) -> Mapping[str, IntArray]:
    """The columns of both; those that were added are higher."""
    behind = {
        term: np.concatenate([begun[term], columns]) if term in begun else columns for term, columns in added.items()
    }
    return {**begun, **behind}


def _by_term(
    startups: Sequence[StartupRecord], terms_of: Callable[[StartupRecord], Iterable[str]], *, first: int = 0
) -> Mapping[str, IntArray]:
    """Ascending columns, from `first` on, of the startups that have each normalised term; no term is empty."""
    columns: dict[str, list[int]] = {}
    for column, startup in enumerate(startups, start=first):
        for term in {normalise(term) for term in terms_of(startup)}:
            columns.setdefault(term, []).append(column)
    columns.pop("", None)
    return {term: np.array(found, dtype=np.int32) for term, found in columns.items()}
