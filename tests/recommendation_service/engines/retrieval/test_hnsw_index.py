from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.retrieval.errors import VectorIndexError
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.hnsw_config import HnswConfig
from recommendation_service.engines.retrieval.hnsw_index import HnswIndex
from recommendation_service.engines.retrieval.index_config import IndexConfig
from recommendation_service.engines.types import FloatArray

LITTLE = HnswConfig(neighbours=4, build_effort=8, recall_places=20, sample=50)


def some_vectors(count: int, seed: int = 0) -> FloatArray:
    rows = np.random.default_rng(seed).standard_normal((count, 32))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_recall_is_the_share_of_the_true_best() -> None:
    vectors, queries = some_vectors(3000), some_vectors(40, seed=1)
    index = HnswIndex(vectors, replace(LITTLE, search_efforts=(20,)), queries=queries)
    truth, found = ExactIndex(vectors).search(queries, 20), index.search(queries, 20)
    shares = [len(set(a) & set(b)) / 20 for a, b in zip(truth.columns.tolist(), found.columns.tolist(), strict=True)]
    assert index.recall == pytest.approx(np.mean(shares))
    assert index.recall < 1


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_it_finds_nearly_all_whatever_the_length(scale: float) -> None:
    vectors, queries = some_vectors(5000) * np.float32(scale), some_vectors(40, seed=1)
    assert HnswIndex(vectors, queries=queries).recall > 0.99
    assert HnswIndex(vectors, queries=queries * np.float32(1e-3)).recall > 0.99


def test_the_least_effort_that_reaches_the_wanted_recall_is_taken() -> None:
    efforts = (20, 40, 80, 1000, 3000)
    recalls = {
        effort: HnswIndex(some_vectors(3000), replace(LITTLE, search_efforts=(effort,))).recall for effort in efforts
    }
    chosen = HnswIndex(some_vectors(3000), replace(LITTLE, search_efforts=efforts, recall_wanted=0.95))
    assert chosen.effort == next(effort for effort in efforts if recalls[effort] >= 0.95)
    assert chosen.effort > 20


def test_too_little_recall_raises_an_alarm() -> None:
    with capture_logs() as logs:
        index = HnswIndex(some_vectors(3000), replace(LITTLE, search_efforts=(20,), recall_floor=0.999))
    assert index.alarm is not None
    assert "less than 0.999" in index.alarm
    assert [(log["event"], log["log_level"]) for log in logs] == [("index_recall_low", "error")]


def test_enough_recall_raises_none() -> None:
    with capture_logs() as logs:
        assert HnswIndex(some_vectors(500)).alarm is None
    assert logs == []


def test_a_graph_of_dead_rows_is_built_anew() -> None:
    vectors = some_vectors(400)
    index = HnswIndex(vectors)
    for start in range(0, 320, 40):
        index.replace(list(range(start, start + 40)), some_vectors(40, seed=start + 1))
    assert len(index._columns) < 1.25 * 400


def test_what_it_measured_is_kept(tmp_path: Path) -> None:
    index = HnswIndex(some_vectors(500), replace(LITTLE, search_efforts=(20, 30)))
    index.save(tmp_path)
    opened = HnswIndex.load(tmp_path, LITTLE)
    assert (opened.effort, opened.recall) == (index.effort, index.recall)


@pytest.mark.parametrize("name", ["graph.faiss", "rows.npy", "vectors.npy"])
@pytest.mark.parametrize("content", [b"", b"not an index"])
def test_damaged_files_are_errors(tmp_path: Path, name: str, content: bytes) -> None:
    HnswIndex(some_vectors(50)).save(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(VectorIndexError, match="cannot be read"):
        HnswIndex.load(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("neighbours", 0),
        ("sample", 0),
        ("recall_floor", 1.5),
        ("exact_below", -0.1),
        ("spare", 0.5),
        ("search_efforts", ()),
        ("search_efforts", (20, 10)),
    ],
)
def test_settings_out_of_range_are_refused(field: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=field):
        HnswConfig(**{field: value})


def test_a_graph_is_built_from_a_size_on() -> None:
    config = IndexConfig(hnsw_from=100)
    assert isinstance(config.build(some_vectors(99)), ExactIndex)
    assert isinstance(config.build(some_vectors(100)), HnswIndex)
    assert isinstance(IndexConfig().build(some_vectors(100)), ExactIndex)
    with pytest.raises(ConfigError, match="hnsw_from must be at least 1 or None, got 0"):
        IndexConfig(hnsw_from=0)
