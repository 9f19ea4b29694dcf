"""Every index: what it finds is what a search of everything in float64 finds, whatever was added or taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient

from recommendation_service.adapters.qdrant_index import QdrantIndex
from recommendation_service.engines.retrieval import exact_index
from recommendation_service.engines.retrieval.errors import VectorIndexError
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.hnsw_config import HnswConfig
from recommendation_service.engines.retrieval.hnsw_index import HnswIndex
from recommendation_service.engines.retrieval.vector_index import VectorIndex
from recommendation_service.engines.types import BoolArray, FloatArray

pytestmark = pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning")
WIDTH = 24


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of index is made and opened again."""

    build: Callable[[FloatArray], VectorIndex]
    load: Callable[[Path], VectorIndex]


@pytest.fixture(params=["exact", "compressed", "mapped", "hnsw", "qdrant"])
def kind(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kind:
    monkeypatch.setattr(exact_index, "COMPRESS_FROM", 1)
    graph = HnswConfig(search_efforts=(400,), exact_below=0.05)
    client = QdrantClient(":memory:")

    def mapped(vectors: FloatArray) -> VectorIndex:
        np.save(tmp_path / "mapped.npy", vectors)
        return ExactIndex(np.load(tmp_path / "mapped.npy", mmap_mode="r"), compress=False)

    kinds = {
        "exact": Kind(
            build=lambda vectors: ExactIndex(vectors, compress=False),
            load=lambda folder: ExactIndex.load(folder, compress=False),
        ),
        "compressed": Kind(build=ExactIndex, load=ExactIndex.load),
        "mapped": Kind(build=mapped, load=ExactIndex.load),
        "hnsw": Kind(
            build=lambda vectors: HnswIndex(vectors, graph), load=lambda folder: HnswIndex.load(folder, graph)
        ),
        "qdrant": Kind(
            build=lambda vectors: QdrantIndex(vectors, client=client, collection="startups"),
            load=lambda folder: QdrantIndex.load(folder, client=client),
        ),
    }
    return kinds[str(request.param)]


def some_vectors(count: int, seed: int = 0) -> FloatArray:
    """Unit vectors in clusters."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((8, WIDTH))
    rows = centres[rng.integers(8, size=count)] + 0.4 * rng.standard_normal((count, WIDTH))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def best(vectors: FloatArray, query: FloatArray, k: int, allowed: BoolArray | None = None) -> list[int]:
    """The reference: everything multiplied in float64, rounded, sorted, never-ranking and forbidden columns dropped."""
    with np.errstate(invalid="ignore"):
        scores = (vectors.astype(np.float64) * query.astype(np.float64)).sum(axis=1).astype(np.float32)
    can_rank = np.isfinite(vectors).all(axis=1) & (True if allowed is None else allowed)
    columns = [int(column) for column in np.lexsort((np.arange(len(scores)), -scores)) if can_rank[column]]
    return columns[:k]


def found(index: VectorIndex, query: FloatArray, k: int, allowed: BoolArray | None = None) -> list[int]:
    ranking = index.search(query[None, :], k, allowed)
    columns = ranking.columns[0]
    assert ranking.columns.shape == ranking.scores.shape == (1, k)
    assert np.isneginf(ranking.scores[0][columns < 0]).all()
    assert np.isfinite(ranking.scores[0][columns >= 0]).all()
    return [int(column) for column in columns if column >= 0]


@pytest.mark.parametrize("k", [1, 10, 300, 301, 1000])
def test_finds_the_best_in_order_and_pads_what_is_missing(kind: Kind, k: int) -> None:
    vectors, queries = some_vectors(300), some_vectors(5, seed=1)
    index = kind.build(vectors)
    ranking = index.search(queries, k)
    for row, query in enumerate(queries):
        expected = best(vectors, query, k)
        assert ranking.columns[row].tolist() == expected + [-1] * (k - len(expected))
        scores = vectors[expected] @ query
        np.testing.assert_allclose(ranking.scores[row][: len(expected)], scores, atol=1e-6)


def test_an_empty_index_finds_nothing(kind: Kind) -> None:
    index = kind.build(np.empty((0, WIDTH), dtype=np.float32))
    assert len(index) == 0
    assert found(index, some_vectors(1)[0], 3) == []


def test_an_empty_index_can_be_filled(kind: Kind) -> None:
    index = kind.build(np.empty((0, WIDTH), dtype=np.float32))
    vectors = some_vectors(5)
    assert index.add(vectors).tolist() == [0, 1, 2, 3, 4]
    assert found(index, vectors[3], 2) == best(vectors, vectors[3], 2)


def test_no_queries_give_no_rows(kind: Kind) -> None:
    index = kind.build(some_vectors(10))
    assert index.search(np.empty((0, WIDTH), dtype=np.float32), 3).columns.shape == (0, 3)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.9, 1.0])
def test_a_filter_gives_full_lists_of_the_best_allowed(kind: Kind, share: float) -> None:
    vectors, queries = some_vectors(1000), some_vectors(4, seed=1)
    index = kind.build(vectors)
    allowed = np.random.default_rng(2).random(1000) < share
    for query in queries:
        assert found(index, query, 20, allowed) == best(vectors, query, 20, allowed)


def test_each_query_may_have_its_own_filter(kind: Kind) -> None:
    vectors, queries = some_vectors(400), some_vectors(3, seed=1)
    allowed = np.random.default_rng(2).random((3, 400)) < np.array([[0.01], [0.5], [1.0]])
    ranking = kind.build(vectors).search(queries, 5, allowed)
    for row, query in enumerate(queries):
        expected = best(vectors, query, 5, allowed[row])
        assert ranking.columns[row].tolist() == expected + [-1] * (5 - len(expected))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_vectors_that_are_not_finite_never_rank_and_are_counted(kind: Kind, bad: float) -> None:
    vectors = some_vectors(100)
    vectors[7, 3] = vectors[42, 0] = bad
    index = kind.build(vectors)
    assert index.unrankable == 2
    assert len(index) == 100
    assert sorted(found(index, some_vectors(1, seed=1)[0], 100)) == [n for n in range(100) if n not in {7, 42}]


def test_nothing_ranks_where_no_vector_is_finite(kind: Kind) -> None:
    index = kind.build(np.full((3, WIDTH), np.nan, dtype=np.float32))
    assert index.unrankable == 3
    assert found(index, some_vectors(1)[0], 3) == []


def test_nothing_ranks_for_a_query_that_is_not_finite(kind: Kind) -> None:
    vectors, queries = some_vectors(50), some_vectors(3, seed=1)
    queries[1, 0] = np.nan
    ranking = kind.build(vectors).search(queries, 4)
    assert ranking.columns[1].tolist() == [-1] * 4
    assert ranking.columns[2].tolist() == best(vectors, queries[2], 4)


def test_equal_vectors_are_all_found_lower_columns_first(kind: Kind) -> None:
    vectors = some_vectors(300)
    twins = [5, 17, 18, 90, 150, 151, 152, 299]
    vectors[twins] = vectors[5]
    index = kind.build(vectors)
    assert found(index, vectors[5], len(twins)) == twins
    assert found(index, vectors[5], 3) == twins[:3]
    assert found(index, vectors[5], 3, np.arange(300) != 17) == [5, 18, 90]


def test_a_vector_of_zeros_is_a_vector(kind: Kind) -> None:
    vectors = some_vectors(50)
    vectors[9] = 0
    index = kind.build(vectors)
    query = some_vectors(1, seed=1)[0]
    assert index.unrankable == 0
    assert found(index, query, 50) == best(vectors, query, 50)
    assert found(index, np.zeros(WIDTH, dtype=np.float32), 3) == [0, 1, 2]


def test_lengths_count(kind: Kind) -> None:
    vectors = some_vectors(200) * np.random.default_rng(3).uniform(0.1, 3, (200, 1)).astype(np.float32)
    index = kind.build(vectors)
    for query in 5 * some_vectors(4, seed=1):
        assert found(index, query, 20) == best(vectors, query, 20)


def test_what_is_added_replaced_and_removed_shows(kind: Kind) -> None:
    vectors = some_vectors(200)
    index = kind.build(vectors)
    more, others = some_vectors(30, seed=4), some_vectors(3, seed=5)
    assert index.add(more).tolist() == list(range(200, 230))
    index.replace([0, 100, 229], others)
    index.remove([1, 101, 228])
    now = np.concatenate([vectors, more])
    now[[0, 100, 229]] = others
    there = ~np.isin(np.arange(230), [1, 101, 228])
    assert len(index) == 230
    for query in (*others, now[1], *some_vectors(3, seed=6)):
        assert found(index, query, 230) == best(now, query, 230, there)


def test_what_was_removed_can_be_put_back(kind: Kind) -> None:
    vectors = some_vectors(60)
    index = kind.build(vectors)
    index.remove([4])
    assert 4 not in found(index, vectors[4], 60)
    index.replace([4], vectors[4:5])
    assert found(index, vectors[4], 1) == [4]


def test_what_stops_being_finite_stops_ranking(kind: Kind) -> None:
    vectors = some_vectors(60)
    index = kind.build(vectors)
    index.replace([4], np.full((1, WIDTH), np.nan, dtype=np.float32))
    assert index.unrankable == 1
    assert 4 not in found(index, vectors[4], 60)
    index.remove([4])
    assert index.unrankable == 0


def test_everything_can_be_removed(kind: Kind) -> None:
    index = kind.build(some_vectors(20))
    index.remove(list(range(20)))
    assert found(index, some_vectors(1)[0], 5) == []


def test_an_index_opened_again_is_the_same(kind: Kind, tmp_path: Path) -> None:
    vectors, queries = some_vectors(150), some_vectors(4, seed=1)
    vectors[3] = np.nan
    index = kind.build(vectors)
    index.add(some_vectors(5, seed=2))
    index.remove([8])
    index.save(tmp_path / "saved")
    opened = kind.load(tmp_path / "saved")
    before, after = index.search(queries, 155), opened.search(queries, 155)
    np.testing.assert_array_equal(before.columns, after.columns)
    np.testing.assert_array_equal(before.scores, after.scores)
    assert (len(opened), opened.width, opened.unrankable) == (155, WIDTH, 1)
    opened.replace([8], queries[:1])
    assert found(opened, queries[0], 1) == [8]


def test_a_missing_index_is_an_error(kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(VectorIndexError, match="cannot be read"):
        kind.load(tmp_path / "nowhere")


def test_a_damaged_description_is_an_error(kind: Kind, tmp_path: Path) -> None:
    kind.build(some_vectors(10)).save(tmp_path / "saved")
    (tmp_path / "saved" / "index.json").write_text('{"version": 1, "kind": "else"}')
    with pytest.raises(VectorIndexError, match="of kind 'else'"):
        kind.load(tmp_path / "saved")


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_an_error(kind: Kind, k: int) -> None:
    index = kind.build(some_vectors(5))
    with pytest.raises(ValueError, match=f"k must be at least 1, got {k}"):
        index.search(some_vectors(1), k)


def test_shapes_that_do_not_fit_are_errors(kind: Kind) -> None:
    index = kind.build(some_vectors(5))
    with pytest.raises(ValueError, match="must be 24 wide, as those of the index, got 3"):
        index.search(np.zeros((1, 3), dtype=np.float32), 1)
    with pytest.raises(ValueError, match=r"must be float32 \[N, D\], got float64"):
        index.search(np.zeros((1, WIDTH)), 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"allowed must be bool \[5\] or \[1, 5\], got bool \[4\]"):
        index.search(some_vectors(1), 1, np.ones(4, dtype=np.bool_))
    with pytest.raises(ValueError, match="column 5 does not exist"):
        index.remove([5])
    with pytest.raises(ValueError, match="column -1 does not exist"):
        index.replace([-1], some_vectors(1))
