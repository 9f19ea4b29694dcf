"""Which index a catalogue gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.hnsw_config import HnswConfig
from recommendation_service.engines.retrieval.vector_index import SearchesVectors, VectorIndex
from recommendation_service.engines.types import FloatArray

IndexFactory = Callable[[FloatArray], SearchesVectors]
"""Makes an index of vectors float32 [N, D]."""


class BuildsIndexes(Protocol):
    """Decides which index a catalogue gets."""

    def build(self, vectors: FloatArray) -> SearchesVectors:
        """The index of vectors float32 [N, D]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexConfig:
    """Exact search up to a size, approximate search beyond.

    Attributes:
        compress: Whether exact search looks at a compressed copy first.
        hnsw_from: From this many startups on a graph is built; None never does. A graph takes minutes to build, so it
            suits catalogues that exact search is too slow for.
        hnsw: The graph.
    """

    compress: bool = True
    hnsw_from: int | None = None
    hnsw: HnswConfig = field(default_factory=HnswConfig)

    def __post_init__(self) -> None:
        if self.hnsw_from is not None and self.hnsw_from < 1:
            raise ConfigError(f"hnsw_from must be at least 1 or None, got {self.hnsw_from}")

    def build(self, vectors: FloatArray) -> VectorIndex:
        """The index of vectors float32 [N, D]."""
        if self.hnsw_from is not None and len(vectors) >= self.hnsw_from:
            # Here, as most deployments search exactly: their processes do not carry faiss.
            from recommendation_service.engines.retrieval.hnsw_index import HnswIndex

            return HnswIndex(vectors, self.hnsw)
        return ExactIndex(vectors, compress=self.compress)
