from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from quality_part import QualityOptions
from quality_yelp2018 import K, Split, measure
from scipy.sparse import csr_matrix
from yelp2018 import as_training_data, hold_out, read_split

USERS, STARTUPS = 30, 60


def visits(seed: int) -> csr_matrix:
    """Everybody visited at least one of the first half and now and then others."""
    rng = np.random.default_rng(seed)
    dense = rng.random((USERS, STARTUPS)) < 0.3
    dense[np.arange(USERS), rng.integers(STARTUPS // 2, size=USERS)] = True
    return csr_matrix(dense.astype(np.float32))


def write(file: Path, likes: csr_matrix) -> None:
    lines = [" ".join(map(str, [row, *likes[row].indices])) for row in range(likes.shape[0])]
    file.write_bytes(gzip.compress("\n".join(lines).encode()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The published files in small; nobody's test visits are among their training visits."""
    train = visits(0)
    test = csr_matrix(visits(1).toarray() * (1 - train.toarray()))
    (tmp_path / "yelp2018").mkdir()
    write(tmp_path / "yelp2018" / "train.txt.gz", train)
    write(tmp_path / "yelp2018" / "test.txt.gz", test)
    return tmp_path


def test_both_files_become_matrices_of_one_shape(tmp_path: Path) -> None:
    (tmp_path / "train.txt.gz").write_bytes(gzip.compress(b"0 2 1\n1 0\n"))
    (tmp_path / "test.txt.gz").write_bytes(gzip.compress(b"0 4\n1\n"))
    train, test = read_split(tmp_path)
    assert train.toarray().tolist() == [[0, 1, 1, 0, 0], [1, 0, 0, 0, 0]]
    assert test.toarray().tolist() == [[0, 0, 0, 0, 1], [0, 0, 0, 0, 0]]


def test_the_order_of_a_line_is_kept(tmp_path: Path) -> None:
    (tmp_path / "train.txt.gz").write_bytes(gzip.compress(b"0 2 0 1\n"))
    (tmp_path / "test.txt.gz").write_bytes(gzip.compress(b"0 3\n"))
    assert read_split(tmp_path)[0].indices.tolist() == [2, 0, 1]


def test_the_last_visits_of_everybody_are_set_aside() -> None:
    lines = [[4, 0, 3, 1], [2, 1], [], [0, 1, 2, 3, 4, 5, 6]]
    starts = np.cumsum([0, *map(len, lines)])
    likes = csr_matrix((np.ones(13, dtype=np.float32), np.concatenate(lines).astype(int), starts), shape=(4, 7))
    known, aside = hold_out(likes, share=0.3)
    assert [aside[row].indices.tolist() for row in range(4)] == [[1], [1], [], [5, 6]]
    np.testing.assert_array_equal((known + aside).toarray(), likes.toarray())
    assert known.multiply(aside).nnz == 0


def test_every_visit_becomes_a_like() -> None:
    likes = visits(0)
    data = as_training_data(likes)
    rows = csr_matrix((data.interactions.label, (data.interactions.user, data.interactions.startup)), likes.shape)
    np.testing.assert_array_equal(rows.toarray(), likes.toarray())
    assert len({user.id for user in data.users}) == USERS
    assert len({startup.id for startup in data.startups}) == STARTUPS


def test_figures_equal_a_count_by_hand() -> None:
    known, judged = hold_out(visits(0), share=0.3)
    scores = np.random.default_rng(5).random((USERS, STARTUPS)).astype(np.float32)
    values = Split(known=known, judged=judged).values(lambda rows: scores[rows].copy())
    for row in range(USERS):
        ranked = [column for column in np.argsort(-scores[row]) if not known[row, column]][:K]
        relevant = set(judged[row].indices)
        hits = [column in relevant for column in ranked]
        gain = sum(hit / np.log2(place + 2) for place, hit in enumerate(hits))
        ideal = sum(1 / np.log2(place + 2) for place in range(min(K, len(relevant))))
        np.testing.assert_allclose(values[row], [gain / ideal, sum(hits) / len(relevant)])


def test_who_has_nothing_judged_does_not_count() -> None:
    judged = csr_matrix(([1.0], ([1], [0])), shape=(3, STARTUPS))
    split = Split(known=csr_matrix((3, STARTUPS)), judged=judged)
    assert split.values(lambda rows: np.zeros((len(rows), STARTUPS), dtype=np.float32)).shape == (1, 2)


def test_the_quick_form_measures_everybody_without_the_test_visits(folder: Path) -> None:
    (folder / "yelp2018" / "test.txt.gz").write_bytes(gzip.compress(b"0 59\n"))
    options = QualityOptions(data=folder, work=folder, on_validation=False, quick=True, seeds=[1])
    result = measure(options)
    names = {row.name for row in result.rows}
    assert {row.unit for row in result.rows} == {f"mean of {USERS} people", "paired difference"}
    contestants = ("item_knn", "als", "two_tower", "two_tower_minus_best_peer")
    assert names == {f"yelp2018/{name}/{metric}" for name in contestants for metric in ("ndcg@20", "recall@20")}
    assert set(result.settings) == {"item_knn", "als", "two_tower"}
