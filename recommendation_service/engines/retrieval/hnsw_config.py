"""How a graph of neighbours is built and searched, and how good it must prove to be."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from recommendation_service.engines.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class HnswConfig:
    """A graph of small worlds.

    Attributes:
        neighbours: Links of a vector on the upper layers, M; twice as many on the lowest.
        build_effort: Candidates looked at for the links of a vector, efConstruction.
        search_efforts: Candidates that a search may keep, efSearch, ascending: the least that reaches `recall_wanted`
            is taken, or the last.
        recall_wanted: Share of the true best `recall_places` that a search should find.
        recall_floor: Below this the index raises its alarm.
        recall_places: K of the measured recall.
        sample: Queries that it is measured on.
        spare: How many times as many candidates as places are scored exactly: the graph compares in 8 bits.
        exact_below: Where a smaller share of the columns is allowed, search is exact.
        rebuild_above: Once a larger share of the graph is of removed vectors, it is built anew.
        seed: Of the sample.
    """

    neighbours: int = 32
    build_effort: int = 100
    search_efforts: tuple[int, ...] = (128, 192, 256, 384, 512, 768, 1024)
    recall_wanted: float = 0.992
    recall_floor: float = 0.98
    recall_places: int = 100
    sample: int = 200
    spare: float = 1.6
    exact_below: float = 0.1
    rebuild_above: float = 0.2
    seed: int = 7

    def __post_init__(self) -> None:
        object.__setattr__(self, "search_efforts", tuple(self.search_efforts))
        for name in ("neighbours", "build_effort", "recall_places", "sample"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} of the graph must be at least 1, got {getattr(self, name)}")
        for name in ("recall_wanted", "recall_floor", "exact_below", "rebuild_above"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} of the graph must be from 0 to 1, got {getattr(self, name)}")
        if self.spare < 1:
            raise ConfigError(f"spare must be at least 1, got {self.spare}")
        ascending = all(low < high for low, high in pairwise((0, *self.search_efforts)))
        if not self.search_efforts or not ascending:
            raise ConfigError(f"search_efforts must be positive and ascending, got {list(self.search_efforts)}")
