from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommendation_service.engines.metrics import (
    METRICS,
    JudgedRankings,
    average_precision,
    catalogue_coverage,
    f1,
    graded_ndcg,
    hit_rate,
    metric_names,
    ndcg,
    per_user_values,
    precision,
    recall,
    reciprocal_rank,
)


def judged(gains: list[list[float]], best: list[list[float]]) -> JudgedRankings:
    """Lists given by the gain at each place, and the gains of all that was relevant."""
    places = len(gains[0])
    ideal = [(sorted(row, reverse=True) + [0.0] * places)[:places] for row in best]
    return JudgedRankings(
        gains=np.array(gains, dtype=np.float64),
        relevant=np.array([len(row) for row in best]),
        ideal=np.array(ideal, dtype=np.float64),
    )


# Places 2 and 4 of 5 are relevant, 3 were.
ONE = judged([[0, 1, 0, 1, 0]], [[1, 1, 1]])


@pytest.mark.parametrize(
    ("metric", "k", "expected"),
    [
        (precision, 1, Fraction(0)),
        (precision, 2, Fraction(1, 2)),
        (precision, 5, Fraction(2, 5)),
        (recall, 2, Fraction(1, 3)),
        (recall, 5, Fraction(2, 3)),
        (f1, 5, Fraction(1, 2)),
        (f1, 1, Fraction(0)),
        (hit_rate, 1, Fraction(0)),
        (hit_rate, 2, Fraction(1)),
        (reciprocal_rank, 1, Fraction(0)),
        (reciprocal_rank, 5, Fraction(1, 2)),
        (average_precision, 5, (Fraction(1, 2) + Fraction(2, 4)) / 3),
        (average_precision, 2, Fraction(1, 2) / 3),
    ],
)
def test_by_hand(metric: object, k: int, expected: Fraction) -> None:
    assert callable(metric)
    assert metric(ONE, k).tolist() == [pytest.approx(float(expected), abs=1e-15)]


def test_ndcg_by_hand() -> None:
    found = 1 / math.log2(3) + 1 / math.log2(5)
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg(ONE, 5)[0] == pytest.approx(found / ideal, abs=1e-15)


def test_the_ideal_has_no_more_hits_than_places() -> None:
    many = judged([[1, 1]], [[1.0] * 7])
    assert ndcg(many, 2)[0] == 1.0
    assert graded_ndcg(many, 2)[0] == 1.0


def test_graded_gains_are_linear() -> None:
    lists = judged([[0.4, 1.0]], [[1.0, 0.4]])
    expected = (0.4 + 1.0 / math.log2(3)) / (1.0 + 0.4 / math.log2(3))
    assert graded_ndcg(lists, 2)[0] == pytest.approx(expected, abs=1e-15)
    assert ndcg(lists, 2)[0] == 1.0


def test_empty_places_count_as_misses() -> None:
    short = judged([[1, 0, 0, 0]], [[1]])
    assert precision(short, 4)[0] == 0.25
    assert recall(short, 4)[0] == 1.0


def test_columns_are_named_like_the_values() -> None:
    names = metric_names((1, 5))
    values = per_user_values(ONE, (1, 5))
    assert values.shape == (1, len(names)) == (1, 2 * len(METRICS))
    assert values[0, names.index("recall@5")] == pytest.approx(2 / 3)


@pytest.mark.parametrize("ks", [(), (0,), (6,), (1, 9)])
def test_cut_offs_beyond_the_lists_are_refused(ks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"cut-offs must lie in 1\.\.5"):
        per_user_values(ONE, ks)


def test_nobody_gives_no_values() -> None:
    nobody = JudgedRankings(gains=np.zeros((0, 3)), relevant=np.zeros(0, np.int64), ideal=np.zeros((0, 3)))
    assert per_user_values(nobody, (3,)).shape == (0, len(METRICS))


def test_coverage_counts_distinct_startups() -> None:
    columns = np.array([[0, 1, -1], [1, 2, 3]], dtype=np.int32)
    assert catalogue_coverage(columns, 8, 3) == 4 / 8
    assert catalogue_coverage(columns, 8, 1) == 2 / 8
    assert catalogue_coverage(columns[:0], 8, 3) == 0.0
    assert catalogue_coverage(columns[:0], 0, 3) == 0.0


GAINS = arrays(np.float64, (4, 6), elements=st.sampled_from([0.0, 0.4, 0.8, 1.0]))


@given(GAINS, st.integers(1, 6), st.integers(1, 3))
def test_every_value_lies_between_0_and_1(gains: np.ndarray, k: int, missed: int) -> None:
    lists = judged(gains.tolist(), [[gain for gain in row if gain] + [1.0] * missed for row in gains])
    for metric in METRICS.values():
        values = metric(lists, k)
        assert (values >= 0).all()
        assert (values <= 1 + 1e-12).all()


@given(GAINS)
def test_a_perfect_list_scores_1(gains: np.ndarray) -> None:
    best = [sorted((gain for gain in row if gain), reverse=True) or [1.0] for row in gains]
    lists = judged([(row + [0.0] * 6)[:6] for row in best], best)
    for metric in (ndcg, graded_ndcg, recall, hit_rate, reciprocal_rank, average_precision):
        np.testing.assert_allclose(metric(lists, 6), 1.0)


@given(GAINS, st.integers(1, 5))
def test_a_hit_moved_up_never_hurts(gains: np.ndarray, place: int) -> None:
    best = [[gain for gain in row if gain] + [1.0] for row in gains]
    raised = gains.copy()
    swap = gains[:, place] > gains[:, place - 1]
    raised[swap, place - 1], raised[swap, place] = gains[swap, place], gains[swap, place - 1]
    for name, metric in METRICS.items():
        before, after = metric(judged(gains.tolist(), best), 4), metric(judged(raised.tolist(), best), 4)
        assert (after >= before - 1e-12).all(), name


def random_lists(seed: int) -> tuple[np.ndarray, list[dict[int, int]]]:
    """Lists of 20 of 50 startups for 40 people, and what is relevant to each with grades 1..5."""
    rng = np.random.default_rng(seed)
    columns = np.stack([rng.permutation(50)[:20] for _ in range(40)])
    relevant = [
        {int(column): int(rng.integers(1, 6)) for column in rng.permutation(50)[: rng.integers(1, 25)]}
        for _ in range(40)
    ]
    return columns, relevant


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("k", [1, 5, 20])
def test_equals_an_independent_library(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # Compiling takes minutes, these lists milliseconds.
    ranx = pytest.importorskip("ranx")
    columns, relevant = random_lists(seed=k)
    gains = np.array(
        [[row.get(int(column), 0) for column in places] for places, row in zip(columns, relevant, strict=True)]
    )
    mine = judged(gains.astype(float).tolist(), [list(map(float, row.values())) for row in relevant])
    qrels = ranx.Qrels({str(u): {str(c): grade for c, grade in row.items()} for u, row in enumerate(relevant)})
    run = ranx.Run(
        {str(u): {str(c): 1.0 - place / 100 for place, c in enumerate(row)} for u, row in enumerate(columns)}
    )
    binary = ranx.Qrels({str(u): {str(c): 1 for c in row} for u, row in enumerate(relevant)})
    ranx.evaluate(qrels, run, f"ndcg@{k}")
    graded = dict(run.scores[f"ndcg@{k}"])
    names = {"ndcg": ndcg, "precision": precision, "recall": recall, "f1": f1, "hit_rate": hit_rate}
    names |= {"map": average_precision, "mrr": reciprocal_rank}
    ranx.evaluate(binary, run, [f"{name}@{k}" for name in names])
    for name, metric in names.items():
        theirs = run.scores[f"{name}@{k}"]
        np.testing.assert_allclose(
            metric(mine, k), [theirs[str(u)] for u in range(40)], rtol=0, atol=1e-9, err_msg=name
        )
    np.testing.assert_allclose(graded_ndcg(mine, k), [graded[str(u)] for u in range(40)], rtol=0, atol=1e-9)
