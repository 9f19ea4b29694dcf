"""Yelp2018 as the literature uses it: the public split of LightGCN, who visited which business, without anything else.

Source: https://github.com/kuandeng/LightGCN, Data/yelp2018; one line per user, the user first, then businesses.
"""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from contracts.interactions import InteractionType
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    Interactions,
    StartupRecord,
    TrainingData,
    UserRecord,
)

FILES = ("train.txt.gz", "test.txt.gz")
_SOME_TIME = datetime(2018, 1, 1, tzinfo=UTC)
"""The split has no time: everything was always there."""


def read_split(folder: Path) -> tuple[csr_matrix, csr_matrix]:
    """Who visited what, to learn from and to be judged by: 1.0 in float32 [U, S] each, rows ordered as in the file."""
    train, test = (_read(folder / name) for name in FILES)
    shape = tuple(np.maximum(train.shape, test.shape))
    for likes in (train, test):
        likes.resize(shape)
    return train, test


def hold_out(likes: csr_matrix, *, share: float) -> tuple[csr_matrix, csr_matrix]:
    """The last visits of everybody, at least one, set aside for choosing settings: (the rest, set aside).

    A tenth drawn at random, or the first, is far easier than what comes later (recall at 20 of two steps along the
    likes: .107 and .105 against .076), because lines are in order of time: neighbours of a line have more visitors in
    common than others of it, and businesses keep to a part of the lines that they are in.
    """
    visits = np.diff(likes.indptr)
    user = np.repeat(np.arange(likes.shape[0]), visits)
    to_come = likes.indptr[user + 1] - np.arange(likes.nnz)
    aside = to_come <= np.maximum(1, np.round(share * visits))[user]
    return _part(likes, user, ~aside), _part(likes, user, aside)


def as_training_data(likes: csr_matrix) -> TrainingData:
    """People and startups with nothing but ids, and a like for every visit."""
    users, startups = likes.shape
    pairs = likes.tocoo()
    return TrainingData(
        users=[UserRecord(id=f"user-{row}", role="member") for row in range(users)],
        startups=[StartupRecord(id=f"business-{row}", opened_at=_SOME_TIME) for row in range(startups)],
        interactions=Interactions(
            user=pairs.row.astype(np.int32),
            startup=pairs.col.astype(np.int32),
            label=np.ones(likes.nnz, dtype=np.float32),
            weight=np.ones(likes.nnz, dtype=np.float32),
            kind=np.full(likes.nnz, INTERACTION_KINDS.index(InteractionType.LIKE.value), dtype=np.int8),
            time=np.zeros(likes.nnz, dtype=np.int64),
        ),
    )


def _read(file: Path) -> csr_matrix:
    with gzip.open(file, "rt") as lines:
        rows = [np.array(line.split(), dtype=np.int64) for line in lines]
    startups = [np.empty(0, dtype=np.int64)] * (1 + max(int(row[0]) for row in rows if len(row)))
    for row in rows:
        if len(row):
            startups[row[0]] = row[1:]
    columns = np.concatenate(startups)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in startups])])
    return csr_matrix((np.ones(len(columns), dtype=np.float32), columns, starts))


def _part(likes: csr_matrix, user: np.ndarray, wanted: np.ndarray) -> csr_matrix:
    entries = (likes.data[wanted], (user[wanted], likes.indices[wanted]))
    return csr_matrix(entries, shape=likes.shape)
