"""Who liked what, as the sparse matrix that collaborative filtering begins with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from recommendation_service.engines.types import Catalogue, TrainingData, UserState


class ActsMatrix:
    """Positive labels of a training, with a column only for startups that enough people liked.

    Attributes:
        users: Row of each user id.
        startups: Column of each startup id.
        values: float32 [U, S], the label of each liked pair.
    """

    def __init__(self, data: TrainingData, *, least_acts: int = 1) -> None:
        liked = data.interactions.take(data.interactions.label > 0)
        counts = np.bincount(liked.startup, minlength=len(data.startups))
        liked = liked.take(counts[liked.startup] >= least_acts)
        user_rows, rows = np.unique(liked.user, return_inverse=True)
        startup_rows, columns = np.unique(liked.startup, return_inverse=True)
        self.users = {data.users[user].id: row for row, user in enumerate(user_rows.tolist())}
        self.startups = {data.startups[startup].id: column for column, startup in enumerate(startup_rows.tolist())}
        shape = (len(user_rows), len(startup_rows))
        self.values = csr_matrix((liked.label, (rows, columns)), shape=shape, dtype=np.float32)

    def histories(self, users: Sequence[UserState]) -> csr_matrix:
        """float32 [B, S]: what each user had liked by now, as they are asked about, not as they were trained on."""
        entries = [
            (row, self.startups[item.startup_id], item.label)
            for row, user in enumerate(users)
            for item in user.history
            if item.label > 0 and item.startup_id in self.startups
        ]
        rows, columns, labels = np.array(entries, dtype=np.float64).reshape(-1, 3).T
        places = (rows.astype(np.int64), columns.astype(np.int64))
        return csr_matrix((labels.astype(np.float32), places), shape=(len(users), self.values.shape[1]))

    def columns_of(self, catalogue: Catalogue) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """int64 [N]: the column of each startup of a catalogue, -1 where too few had liked it."""
        return np.array([self.startups.get(startup.id, -1) for startup in catalogue.startups], dtype=np.int64)
