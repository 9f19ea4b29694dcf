"""The vector store over HTTP: what is shared, what is removed, and what stands in when it does not answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from recommendation_service.adapters import vector_store
from recommendation_service.adapters.vector_store import KEPT, StoredIndex, VectorStore, connect_vector_store
from recommendation_service.app import build_indexes
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.index_config import IndexConfig
from recommendation_service.engines.retrieval.vector_index import SearchesVectors
from recommendation_service.engines.types import BoolArray, FloatArray
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.settings import Settings, read_settings
from tests.recommendation_service.adapters.qdrant_server import KEY, QdrantServer, qdrant_server


@pytest.fixture
def server() -> Iterator[QdrantServer]:
    with qdrant_server() as started:
        yield started


def store_at(url: str, key: str = KEY) -> VectorStore:
    return connect_vector_store(url, key, stored_from=50, otherwise=IndexConfig(), fallbacks=FallbackCounter())


def vectors(seed: int = 0, count: int = 120) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((count, 8), dtype=np.float32)


def collections(server: QdrantServer) -> set[str]:
    return {found.name for found in server.local.get_collections().collections}


def searches(server: QdrantServer) -> int:
    return sum(asked.endswith("/points/query") for asked in server.asked)


def require_the_exact_list(index: SearchesVectors, held: FloatArray, allowed: BoolArray | None = None) -> None:
    queries = vectors(seed=99, count=3)
    found, expected = index.search(queries, 10, allowed), ExactIndex(held).search(queries, 10, allowed)
    np.testing.assert_array_equal(found.columns, expected.columns)
    np.testing.assert_array_equal(found.scores, expected.scores)


@pytest.mark.parametrize("masked", [False, True])
def test_the_store_finds_what_exact_search_finds(server: QdrantServer, masked: bool) -> None:
    held = vectors()
    held[7, 3] = np.nan
    index = store_at(server.url).build(held)
    allowed = np.arange(120) % 3 > 0 if masked else None
    require_the_exact_list(index, held, allowed)
    assert searches(server) >= 3
    assert (index.alarm, index.recall, index.width, len(index)) == (None, 1.0, 8, 120)


def test_small_catalogues_are_searched_in_memory(server: QdrantServer) -> None:
    assert isinstance(store_at(server.url).build(vectors(count=49)), ExactIndex)
    assert server.asked == []


def test_workers_share_a_collection_and_fill_it_once(server: QdrantServer) -> None:
    store_at(server.url).build(vectors())
    filled = [asked for asked in server.asked if asked.startswith("PUT")]
    index = store_at(server.url).build(vectors())
    assert [asked for asked in server.asked if asked.startswith("PUT")] == filled
    assert len(collections(server)) == 1
    require_the_exact_list(index, vectors())


def test_a_collection_that_was_left_half_full_is_filled(server: QdrantServer) -> None:
    store_at(server.url).build(vectors())
    (name,) = collections(server)
    server.local.delete(name, points_selector=[1, 2, 3])
    require_the_exact_list(store_at(server.url).build(vectors()), vectors())
    assert server.local.count(name).count == 120


def test_other_vectors_get_another_collection_and_old_ones_go(server: QdrantServer) -> None:
    server.local.create_collection("somebody-elses", vectors_config={})
    store = store_at(server.url)
    store.build(vectors(seed=0))
    (first,) = collections(server) - {"somebody-elses"}
    for seed in range(1, KEPT + 2):
        last = store.build(vectors(seed=seed))
    assert len(collections(server)) == KEPT + 1
    assert first not in collections(server)
    assert "somebody-elses" in collections(server)
    require_the_exact_list(last, vectors(seed=KEPT + 1))


def test_while_the_store_does_not_answer_memory_does(server: QdrantServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_store, "_LEFT_ALONE", vector_store.BreakerConfig(failures_to_open=1, reset_seconds=1e-9))
    store = store_at(server.url)
    index = store.build(vectors())
    server.down = True
    require_the_exact_list(index, vectors())
    assert "does not answer" in (index.alarm or "")
    assert store.fallbacks.counts == {("vector_store", "VectorIndexError"): 1}
    server.down = False
    require_the_exact_list(index, vectors())
    assert index.alarm is None


def test_a_store_that_failed_is_left_alone_for_a_while(server: QdrantServer) -> None:
    store = store_at(server.url)
    index = store.build(vectors())
    server.down = True
    for _ in range(5):
        require_the_exact_list(index, vectors())
    assert searches(server) == 1
    assert store.fallbacks.counts == {("vector_store", "VectorIndexError"): 1}


@pytest.mark.parametrize("wrong", ["key", "nobody listens"])
def test_a_store_that_cannot_be_filled_is_told_and_memory_serves(server: QdrantServer, wrong: str) -> None:
    store = store_at(server.url, "wrong") if wrong == "key" else store_at("http://127.0.0.1:9")
    index = store.build(vectors())
    require_the_exact_list(index, vectors())
    assert isinstance(index, StoredIndex)
    assert "does not answer" in (index.alarm or "")
    assert store.fallbacks.counts == {("vector_store", "VectorIndexError"): 1}


def test_a_filter_that_names_too_many_stays_in_memory(server: QdrantServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_store, "MOST_NAMED", 10)
    index = store_at(server.url).build(vectors())
    require_the_exact_list(index, vectors(), np.arange(120) % 2 > 0)
    assert (searches(server), index.alarm) == (0, None)


def test_the_settings_choose_the_store(server: QdrantServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(build_indexes(Settings(), FallbackCounter()), IndexConfig)
    for name, value in {"URL": server.url, "KEY": KEY, "FROM": "100"}.items():
        monkeypatch.setenv(f"VECTOR_STORE_{name}", value)
    chosen = build_indexes(read_settings(), FallbackCounter())
    require_the_exact_list(chosen.build(vectors()), vectors())
    assert searches(server) >= 3
    monkeypatch.setenv("VECTOR_STORE_URL", "http://store.example:6333")
    with pytest.raises(ConfigError, match="in the clear; use https"):
        read_settings()
    monkeypatch.setenv("VECTOR_STORE_URL", "a shelf")
    with pytest.raises(ConfigError, match="VECTOR_STORE_URL='a shelf'"):
        read_settings()
