"""The engine without a door: features -> tower -> exact top 100 under a mask, beside bare scans of the same vectors.

Everything runs on one thread. Contestants take turns, and each turn begins with caches that something else has used, as
in a service. The limit is a float32 matrix times a vector: it ranks nothing, masks nothing and encodes nobody.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import faiss
import numpy as np
import torch
from result import Row
from threadpoolctl import threadpool_limits
from training_data import synthetic_platform

from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.growing_rows import GrowingRows
from recommendation_service.engines.profile_model import BoundProfiles
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.hnsw_config import HnswConfig
from recommendation_service.engines.retrieval.hnsw_index import HnswIndex
from recommendation_service.engines.retrieval.index_config import IndexConfig
from recommendation_service.engines.tower_network import TwoTowerNetwork
from recommendation_service.engines.training_config import default
from recommendation_service.engines.two_tower import TwoTowerScorer
from recommendation_service.engines.types import BoolArray, Catalogue, FloatArray, UserState

SIZES = (10_000, 100_000, 1_000_000)
WIDTH = 128
PLACES = 100
TOUCHED = 50
"""Startups that a person already did something to, which are masked."""
CLUSTERS = 2000
SPREAD = 0.6
"""Length of what sets a vector apart from the centre of its cluster, which has length 1."""

Turn = Callable[[int], object]


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Seconds of each contestant's turns."""

    seconds: Mapping[str, Sequence[float]]

    def milliseconds(self, name: str) -> list[float]:
        """Of each turn."""
        return [1000 * turn for turn in self.seconds[name]]

    def row(self, figure: str, name: str, against: str) -> Row:
        """Median milliseconds, with the ratio to another contestant's of the same rounds."""
        turns = self.milliseconds(name)
        return Row(
            name=figure,
            value=_median(turns),
            unit="ms",
            interval=_range(turns),
            against=against,
            ratio=_median(self.ratios(name, against)),
        )

    def ratios(self, name: str, against: str) -> list[float]:
        """Of each round."""
        return [ours / theirs for ours, theirs in zip(self.seconds[name], self.seconds[against], strict=True)]


def engine_rows(*, seed: int, rounds: int, sizes: Sequence[int] = SIZES) -> list[Row]:
    """All figures of the engine."""
    rows: list[Row] = []
    with threadpool_limits(1):
        torch.set_num_threads(1)
        faiss.omp_set_num_threads(1)
        for size in sizes:
            rows += _size_rows(size, seed=seed, rounds=rounds)
            print(f"engine at {size:,} startups: done", flush=True)
        rows += _graph_rows(sizes[-1], seed=seed, queries=max(200, 10 * rounds))
    return rows


def clustered_vectors(count: int, queries: int, *, seed: int) -> tuple[FloatArray, FloatArray]:
    """Unit vectors [count, WIDTH] and [queries, WIDTH] around common centres, some of which have many, some few."""
    rng = np.random.default_rng(seed)
    centres = _unit(rng.standard_normal((CLUSTERS, WIDTH), dtype=np.float32))
    shares = rng.dirichlet(np.ones(CLUSTERS))

    def around(rows: int) -> FloatArray:
        vectors = centres[rng.choice(CLUSTERS, size=rows, p=shares)]
        vectors += rng.standard_normal((rows, WIDTH), dtype=np.float32) * np.float32(SPREAD / WIDTH**0.5)
        return _unit(vectors)

    return around(count), around(queries)


def _size_rows(size: int, *, seed: int, rounds: int) -> list[Row]:
    vectors, queries = clustered_vectors(size, rounds, seed=seed)
    scorer, people = _engine(vectors, seed=seed)
    allowed = _allowed(size, seed=seed)
    flat = faiss.IndexFlatIP(WIDTH)
    flat.add(vectors)
    full, default = ExactIndex(vectors, compress=False), ExactIndex(vectors)
    _require_equal_lists(full, default, queries, allowed)
    contest = _contest(
        {
            "numpy scan": lambda turn: vectors @ queries[turn],
            "engine": lambda turn: scorer.rank([people[turn % len(people)]], PLACES, allowed),
            "faiss flat": lambda turn: flat.search(queries[turn : turn + 1], PLACES),
            "exact": lambda turn: full.search(queries[turn : turn + 1], PLACES, allowed),
            "default": lambda turn: default.search(queries[turn : turn + 1], PLACES, allowed),
        },
        rounds,
    )
    ratios = contest.ratios("engine", "numpy scan")
    name = f"engine/{_short(size)}"
    return [
        Row(
            name=f"{name}/over_scan", value=_median(ratios), unit="times", interval=_range(ratios), against="numpy scan"
        ),
        contest.row(f"{name}/path_ms", "engine", "faiss flat"),
        contest.row(f"{name}/scan_ms", "numpy scan", "faiss flat"),
        contest.row(f"{name}/exact_ms", "exact", "faiss flat"),
        contest.row(f"{name}/default_ms", "default", "faiss flat"),
    ]


def _engine(vectors: FloatArray, *, seed: int) -> tuple[TwoTowerScorer, list[UserState]]:
    """The specified towers over vectors that stand for startups: how they came about costs a person nothing."""
    data = synthetic_platform(users=200, startups=200, pairs=2000, seed=seed)
    config = default()
    torch.manual_seed(seed)
    network = TwoTowerNetwork(config).eval().requires_grad_(False)
    encoder = FeatureEncoder.fit(config.features, data.users, data.startups)
    towers = BoundProfiles(encoder, network, GrowingRows(vectors, len(vectors)))
    catalogue = Catalogue(startups=[data.startups[0]] * len(vectors))
    return TwoTowerScorer(catalogue, towers, network, IndexConfig().build(vectors)), [
        UserState(record=u) for u in data.users
    ]


def _allowed(size: int, *, seed: int) -> BoolArray:
    allowed = np.ones(size, dtype=np.bool_)
    allowed[np.random.default_rng(seed).choice(size, size=TOUCHED, replace=False)] = False
    return allowed


def _require_equal_lists(full: ExactIndex, default: ExactIndex, queries: FloatArray, allowed: BoolArray) -> None:
    """What is timed must be the same lists.

    Raises:
        SystemExit: If one differs.
    """
    few = queries[:20]
    one, other = full.search(few, PLACES, allowed), default.search(few, PLACES, allowed)
    if not (np.array_equal(one.columns, other.columns) and np.array_equal(one.scores, other.scores)):
        raise SystemExit("the compressed scan found another list than the full scan")


def _graph_rows(size: int, *, seed: int, queries: int) -> list[Row]:
    """A graph over the same vectors, judged by queries that it has not seen, one by one."""
    vectors, asked = clustered_vectors(size, queries, seed=seed)
    started = time.perf_counter()
    graph = HnswIndex(vectors, replace(HnswConfig(), seed=seed))
    built = time.perf_counter() - started
    contest = _contest(
        {
            "graph": lambda turn: graph.search(asked[turn : turn + 1], PLACES),
            "numpy scan": lambda turn: vectors @ asked[turn],
        },
        queries,
    )
    recall = graph.measure_recall(asked)
    turns = contest.seconds["graph"]
    name = f"engine/{_short(size)}/hnsw"
    return [
        Row(name=f"{name}_recall@{PLACES}", value=round(recall, 4), unit="", against="exact", ratio=round(recall, 4)),
        Row(
            name=f"{name}_qps",
            value=round(len(turns) / sum(turns), 1),
            unit="queries/s",
            against="numpy scan",
            ratio=round(sum(contest.seconds["numpy scan"]) / sum(turns), 1),
        ),
        Row(name=f"{name}_build_s", value=round(built, 1), unit="s"),
        Row(name=f"{name}_effort", value=graph.effort, unit="candidates"),
    ]


def _contest(contestants: Mapping[str, Turn], rounds: int) -> Contest:
    """Each contestant's turn in each round, after one that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in contestants.values():
        turn(0)
    for index in range(rounds):
        for name, turn in contestants.items():
            started = time.perf_counter()
            turn(index)
            seconds[name].append(time.perf_counter() - started)
    return Contest(seconds=seconds)


def _unit(rows: FloatArray) -> FloatArray:
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _short(size: int) -> str:
    return f"{size // 10**6}m" if size >= 10**6 else f"{size // 1000}k"


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 4)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The smallest and largest of all rounds."""
    return round(min(values), 4), round(max(values), 4)
