"""An index in a vector store that workers share, with exact search in memory for when the store does not answer.

A collection holds the startups of one snapshot as one model encodes them. Its name ends in the hash of these vectors,
so that workers find each other's, and begins with its time, so that old ones can be told.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import structlog
from qdrant_client import QdrantClient

from recommendation_service.adapters.qdrant_index import (
    QdrantIndex,
    collection_names,
    create_collection,
    delete_collection,
)
from recommendation_service.engines.retrieval.errors import VectorIndexError
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.index_config import BuildsIndexes
from recommendation_service.engines.retrieval.vector_index import SearchesVectors, checked_search
from recommendation_service.engines.types import BoolArray, FloatArray, Ranking
from recommendation_service.services.circuit_breaker import BreakerConfig, CircuitBreaker
from recommendation_service.services.fallbacks import FallbackCounter

PREFIX = "launchmatch"
KEPT = 4
"""The latest collections stay: workers switch one after the other, and a model may be rolled back."""
MOST_NAMED = 10_000
"""A filter names columns one by one; one that must name more is faster in memory than on its way."""
ASK_SECONDS, FILL_SECONDS = 1, 60
_LEFT_ALONE = BreakerConfig(failures_to_open=1, reset_seconds=5.0)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class VectorStore:
    """Builds indexes of large catalogues in a store.

    Attributes:
        client: Asked by searches.
        filling: Of the same store, with more patience.
        fallbacks: Counts what was searched in memory instead.
        stored_from: From this many vectors on.
        otherwise: Builds the indexes of smaller catalogues.
    """

    client: QdrantClient
    filling: QdrantClient
    fallbacks: FallbackCounter
    stored_from: int
    otherwise: BuildsIndexes

    def build(self, vectors: FloatArray) -> SearchesVectors:
        """The index of vectors float32 [N, D]; in memory alone if the store cannot be filled now."""
        if len(vectors) < self.stored_from:
            return self.otherwise.build(vectors)
        try:
            name = self._collection(vectors)
            stored = QdrantIndex.over(vectors, client=self.client, filling=self.filling, collection=name)
            self._remove_old(name)
        except VectorIndexError as error:
            self.fallbacks.count("vector_store", type(error).__name__)
            _log.error("vector_store_not_filled", vectors=len(vectors), error=str(error))
            return StoredIndex(None, vectors, self.fallbacks)
        return StoredIndex(stored, vectors, self.fallbacks)

    def _collection(self, vectors: FloatArray) -> str:
        """That of these vectors, made if nobody did. Of workers that make it together the first one's is kept."""
        content = _content(vectors)
        found = self._of(content)
        if found:
            return found[0]
        own = f"{PREFIX}-{datetime.now(UTC):%Y%m%d%H%M%S%f}-{content}"
        create_collection(self.filling, own, vectors.shape[1])
        first = self._of(content)[0]
        if first != own:
            delete_collection(self.filling, own)
        return first

    def _of(self, content: str) -> list[str]:
        return [name for name in self._ours() if name.endswith(f"-{content}")]

    def _ours(self) -> list[str]:
        """Oldest first."""
        return sorted(name for name in collection_names(self.filling) if name.startswith(f"{PREFIX}-"))

    def _remove_old(self, used: str) -> None:
        for name in self._ours()[:-KEPT]:
            if name != used:
                delete_collection(self.filling, name)


def connect_vector_store(
    url: str, key: str | None, *, stored_from: int, otherwise: BuildsIndexes, fallbacks: FallbackCounter
) -> VectorStore:
    """A Qdrant server's; nothing is asked of it yet."""
    headers = {} if key is None else {"api-key": key}
    asking, filling = (
        QdrantClient(url=url, headers=headers, timeout=seconds, check_compatibility=False)
        for seconds in (ASK_SECONDS, FILL_SECONDS)
    )
    return VectorStore(
        client=asking, filling=filling, fallbacks=fallbacks, stored_from=stored_from, otherwise=otherwise
    )


class StoredIndex:
    """Searches the store, and while that does not answer the vectors themselves, which finds the same."""

    recall = 1.0

    def __init__(self, stored: QdrantIndex | None, vectors: FloatArray, fallbacks: FallbackCounter) -> None:
        """Take over an index.

        Args:
            stored: None where the store could not be filled: until the next index all search is in memory.
            vectors: float32 [N, D]; kept, not copied.
            fallbacks: Counts searches that the store did not answer.
        """
        self._stored = stored
        self._exact = ExactIndex(vectors, compress=False)
        self._fallbacks = fallbacks
        self._breaker = CircuitBreaker(_LEFT_ALONE)
        self._failed = stored is None

    @property
    def width(self) -> int:
        """D, of every vector."""
        return self._exact.width

    @property
    def alarm(self) -> str | None:
        """That the store did not answer when it was last asked, or None."""
        return "the vector store does not answer; search is in memory" if self._failed else None

    def __len__(self) -> int:
        return len(self._exact)

    def search(self, queries: FloatArray, k: int, allowed: BoolArray | None = None) -> Ranking:
        """The best `k` allowed columns of each query, see `VectorIndex.search`."""
        _, masks = checked_search(self, queries, k, allowed)
        if self._stored is not None and _can_be_named(masks) and self._breaker.allows():
            try:
                ranking = self._stored.search(queries, k, allowed)
            except VectorIndexError as error:
                self._breaker.failed()
                self._report(error)
            else:
                self._breaker.succeeded()
                self._failed = False
                return ranking
        return self._exact.search(queries, k, allowed)

    def _report(self, error: VectorIndexError) -> None:
        self._fallbacks.count("vector_store", type(error).__name__)
        if not self._failed:
            _log.error("vector_store_failed", error=str(error))
        self._failed = True


def _can_be_named(masks: BoolArray | None) -> bool:
    """Whether the columns that each mask [B, N] allows, or those that it does not, are few enough."""
    if masks is None:
        return True
    kept = np.count_nonzero(masks, axis=1)
    return bool((np.minimum(kept, masks.shape[1] - kept) <= MOST_NAMED).all())


def _content(vectors: FloatArray) -> str:
    """Hash of the shape and every value."""
    digest = hashlib.sha256(str(vectors.shape).encode())
    digest.update(np.ascontiguousarray(vectors).data)
    return digest.hexdigest()[:32]
