"""Vectors in a Qdrant collection, for catalogues beyond one machine's memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException

from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.retrieval.errors import VectorIndexError
from recommendation_service.engines.retrieval.exact_scores import exact_scores, in_order
from recommendation_service.engines.retrieval.index_files import read_description
from recommendation_service.engines.retrieval.scans import Columns, can_rank, lengths, measure, rounding_bound
from recommendation_service.engines.retrieval.vector_index import (
    VectorIndex,
    WantedColumns,
    checked_columns,
    checked_search,
    checked_vectors,
)
from recommendation_service.engines.types import BoolArray, FloatArray, IntArray, Ranking, empty_ranking

AnswerT = TypeVar("AnswerT")

_POINTS_AT_ONCE = 1024
_SPARE = 16


class QdrantIndex(VectorIndex):
    """A collection whose point ids are the columns. Nothing but the columns in use is kept here."""

    kind = "qdrant"

    def __init__(self, vectors: FloatArray, *, client: QdrantClient, collection: str, exact: bool = True) -> None:
        """Make the collection, in place of one of the same name, and fill it.

        Args:
            vectors: float32 [N, D]; not kept.
            client: Of a server, or in local mode.
            collection: Its name.
            exact: Whether the store compares with every vector or asks its graph.

        Raises:
            VectorIndexError: If the store does not answer.
        """
        checked_vectors(vectors)
        self._connect(client, collection, vectors.shape[1], exact)
        _answered(lambda: client.delete_collection(collection))
        create_collection(client, collection, self.width)
        self.add(vectors)

    @classmethod
    def over(
        cls,
        vectors: FloatArray,
        *,
        client: QdrantClient,
        collection: str,
        filling: QdrantClient | None = None,
        exact: bool = True,
    ) -> Self:
        """The index over a collection that was made for these very vectors, filled where it lacks some.

        Args:
            vectors: float32 [N, D]; not kept.
            client: Asked by searches.
            collection: An existing one. Whoever fills it too puts the same into it.
            filling: Fills it, with more patience; by default `client`.
            exact: Whether the store compares with every vector or asks its graph.

        Raises:
            VectorIndexError: If the store does not answer.
        """
        checked_vectors(vectors)
        index = cls.__new__(cls)
        index._connect(filling or client, collection, vectors.shape[1], exact)
        finite, longest = measure(vectors)
        index._stored, index._not_finite, index._longest = finite, ~finite, longest
        if _answered(lambda: index._client.count(collection, exact=True)).count != np.count_nonzero(finite):
            index._fill(np.arange(len(vectors), dtype=np.int32), vectors, finite)
        index._client = client
        return index

    def _connect(self, client: QdrantClient, collection: str, width: int, exact: bool) -> None:
        self._client, self._collection, self._width = client, collection, width
        self._options = models.SearchParams(exact=exact)
        self._stored = np.empty(0, dtype=np.bool_)
        self._not_finite = np.empty(0, dtype=np.bool_)
        self._longest = 0.0

    @property
    def width(self) -> int:
        """D, of every vector."""
        return self._width

    @property
    def unrankable(self) -> int:
        """How many vectors have a value that is not finite; they are not stored."""
        return int(np.count_nonzero(self._not_finite))

    def __len__(self) -> int:
        return len(self._stored)

    def search(self, queries: FloatArray, k: int, allowed: BoolArray | None = None) -> Ranking:
        """The best `k` allowed columns of each query, see `VectorIndex.search`.

        Raises:
            VectorIndexError: If the store does not answer.
        """
        queries, masks = checked_search(self, queries, k, allowed)
        ranking = empty_ranking(len(queries), k)
        for place in np.flatnonzero(can_rank(queries)):
            columns, scores = self._best(queries[place], k, None if masks is None else masks[place])
            ranking.columns[place, : len(columns)] = columns
            ranking.scores[place, : len(columns)] = scores
        return ranking

    def add(self, vectors: FloatArray) -> IntArray:
        """Append vectors and return their columns."""
        checked_vectors(vectors, self.width)
        columns = np.arange(len(self), len(self) + len(vectors), dtype=np.int32)
        nothing = np.zeros(len(vectors), dtype=np.bool_)
        self._stored = np.concatenate([self._stored, nothing])
        self._not_finite = np.concatenate([self._not_finite, nothing])
        self._put(columns, vectors)
        return columns

    def replace(self, columns: WantedColumns, vectors: FloatArray) -> None:
        """Put vectors into columns."""
        places = checked_columns(columns, len(self))
        checked_vectors(vectors, self.width)
        self.remove(places)
        self._put(places, vectors)

    def remove(self, columns: WantedColumns) -> None:
        """Delete the points of columns."""
        places = checked_columns(columns, len(self))
        gone = places[self._stored[places]].tolist()
        if gone:
            _answered(
                lambda: self._client.delete(
                    self._collection, points_selector=models.PointIdsList(points=gone), wait=True
                )
            )
        self._stored[places] = self._not_finite[places] = False

    def save(self, folder: Path) -> None:
        """Write what the collection cannot tell; the vectors stay in the store."""
        description = {
            "version": 1,
            "kind": self.kind,
            "count": len(self),
            "width": self.width,
            "collection": self._collection,
            "exact": self._options.exact,
            "longest": self._longest,
            "stored": np.flatnonzero(self._stored).tolist(),
            "not_finite": np.flatnonzero(self._not_finite).tolist(),
        }
        write_atomically(folder / "index.json", json.dumps(description).encode())

    @classmethod
    def load(cls, folder: Path, *, client: QdrantClient) -> Self:
        """The index over a collection that `save` described.

        Raises:
            VectorIndexError: If the description is missing or damaged, or the store does not hold what it says.
        """
        described = read_description(folder, cls.kind)
        index = cls.__new__(cls)
        index._connect(client, described["collection"], described["width"], described["exact"])
        index._longest = described["longest"]
        index._stored = np.zeros(described["count"], dtype=np.bool_)
        index._stored[described["stored"]] = True
        index._not_finite = np.zeros(described["count"], dtype=np.bool_)
        index._not_finite[described["not_finite"]] = True
        held = _answered(lambda: client.count(index._collection, exact=True)).count
        if held != len(described["stored"]):
            raise VectorIndexError(
                f"the collection {index._collection!r} holds {held} vectors, not {len(described['stored'])}; "
                "build the index again"
            )
        return index

    def _put(self, columns: IntArray, vectors: FloatArray) -> None:
        finite, longest = measure(vectors)
        self._not_finite[columns], self._stored[columns] = ~finite, finite
        self._longest = max(self._longest, longest)
        self._fill(columns, vectors, finite)

    def _fill(self, columns: IntArray, vectors: FloatArray, finite: BoolArray) -> None:
        chosen = np.flatnonzero(finite)
        for start in range(0, len(chosen), _POINTS_AT_ONCE):
            run = chosen[start : start + _POINTS_AT_ONCE]
            self._upsert(models.Batch(ids=columns[run].tolist(), vectors=vectors[run].tolist()))

    def _upsert(self, points: models.Batch) -> None:
        _answered(lambda: self._client.upsert(self._collection, points=points, wait=True))

    def _best(self, query: FloatArray, k: int, mask: BoolArray | None) -> tuple[Columns, FloatArray]:
        """The best columns with their scores; more are asked for until none that is left could be among them."""
        allowed = self._stored if mask is None else self._stored & mask
        there = int(np.count_nonzero(allowed))
        doubt = 2 * rounding_bound(self.width) * self._longest * float(lengths(query[None, :])[0])
        wanted = min(k + _SPARE, there)
        while wanted:
            columns, scores, worst = self._ask(query, wanted, _filter(mask, self._stored))
            columns, scores = in_order(scores, columns, k)
            if wanted == there or worst + doubt < scores[-1]:
                return columns, scores
            wanted = min(2 * wanted, there)
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32)

    def _ask(self, query: FloatArray, wanted: int, only: models.Filter | None) -> tuple[Columns, FloatArray, float]:
        """Columns with their exact scores, and the store's own score of the last."""
        points = _answered(
            lambda: self._client.query_points(
                self._collection,
                query=query.tolist(),
                limit=wanted,
                query_filter=only,
                search_params=self._options,
                with_vectors=True,
                with_payload=False,
            )
        ).points
        columns = np.array([point.id for point in points], dtype=np.intp)
        vectors = np.array([point.vector for point in points], dtype=np.float32)
        scores = exact_scores(vectors, np.arange(len(points)), query)
        return columns, scores, points[-1].score


def create_collection(client: QdrantClient, name: str, width: int) -> None:
    """An empty collection for vectors of a width, ranked by dot product.

    Raises:
        VectorIndexError: If the store does not answer, or there is one of the same name.
    """
    parameters = models.VectorParams(size=max(1, width), distance=models.Distance.DOT)
    _answered(lambda: client.create_collection(name, vectors_config=parameters))


def collection_names(client: QdrantClient) -> list[str]:
    """All that there are.

    Raises:
        VectorIndexError: If the store does not answer.
    """
    return [found.name for found in _answered(client.get_collections).collections]


def delete_collection(client: QdrantClient, name: str) -> None:
    """Remove a collection, which need not be there.

    Raises:
        VectorIndexError: If the store does not answer.
    """
    _answered(lambda: client.delete_collection(name))


def _filter(mask: BoolArray | None, stored: BoolArray) -> models.Filter | None:
    """Names the columns that may be found, or those that may not, whichever are fewer."""
    if mask is None:
        return None
    kept, others = np.flatnonzero(stored & mask), np.flatnonzero(stored & ~mask)
    if len(kept) <= len(others):
        return models.Filter(must=[_has_id(kept.tolist())])
    return models.Filter(must_not=[_has_id(others.tolist())])


def _has_id(columns: Sequence[int]) -> models.HasIdCondition:
    return models.HasIdCondition(has_id=list(columns))


def _answered(request: Callable[[], AnswerT]) -> AnswerT:
    try:
        return request()
    except (ApiException, OSError, ValueError) as error:
        raise VectorIndexError(f"the vector store did not answer as expected: {error}") from error
