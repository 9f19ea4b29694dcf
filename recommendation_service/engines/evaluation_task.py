"""The question of an evaluation: who is asked, what could be shown, what was known before, what proved relevant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from recommendation_service.engines.catalogue_policy import CataloguePolicy, choose_policy
from recommendation_service.engines.errors import DatasetError
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.timeline import TimeWindow, before, done_by_people, within
from recommendation_service.engines.types import BoolArray, Catalogue, Interactions, TrainingData, UserState
from recommendation_service.engines.user_columns import Rows, UserColumns


@dataclass(frozen=True, kw_only=True, eq=False)
class EvaluationTask:
    """Rank the catalogue for each user as of the start of the window; what they then did in it is relevant.

    Attributes:
        data: All records and rows; the engines are shown only what lies before the window.
        window: The time that is judged.
        policy: Which startups were open.
        catalogue: Those startups, N of them.
        startup_rows: int64 [N], the row in `data.startups` of each column.
        users: int64 [U], rows in `data.users`, ascending: everybody to whom something proved relevant.
        known: What each user had acted on before, never to be ranked.
        relevant: What proved relevant to each user, with its label.
        acts_before: int64 [U], how many startups each user had acted on before.
        histories: Everybody's acts.
        left_out: How many rows of the window and how many people do not count, by reason.
    """

    data: TrainingData
    window: TimeWindow
    policy: CataloguePolicy
    catalogue: Catalogue
    startup_rows: Rows
    users: Rows
    known: UserColumns
    relevant: UserColumns
    acts_before: Rows
    histories: Histories
    left_out: Mapping[str, int]

    def states(self, users: slice) -> list[UserState]:
        """A run of users as they were when the window began."""
        return [self.histories.state(int(row), self.window.start) for row in self.users[users]]

    @property
    def width(self) -> int:
        """N: columns that could be ranked."""
        return len(self.catalogue)

    @property
    def has_history(self) -> BoolArray:
        """bool [U]: who had acted before the window."""
        return self.acts_before > 0


def build_task(
    data: TrainingData, window: TimeWindow, *, label_above: float = 0.0, policy: str | None = None
) -> EvaluationTask:
    """Prepare the question once; any number of engines can then be judged on it.

    Args:
        data: Records, and rows from before and inside the window.
        window: The time that is judged.
        label_above: Acts with a label above this are relevant.
        policy: Name of the catalogue policy; None chooses by the data.

    Raises:
        DatasetError: If nothing relevant happened in the window.
        ConfigError: For an unknown policy.
    """
    chosen = choose_policy(data, policy)
    startup_rows = np.flatnonzero(chosen.open_startups(data, window))
    column_of = _column_of(startup_rows, len(data.startups))
    earlier = _acts(before(data.interactions, window.start))
    judged, left_out = _relevant_acts(data, window, earlier, column_of, label_above)
    users = np.unique(judged.user).astype(np.int64)
    if not len(users):
        counts = ", ".join(f"{reason} {count}" for reason, count in left_out.items())
        raise DatasetError(f"nothing to judge from {window.start.isoformat()} on ({counts}); choose an earlier split")
    known = earlier.take(np.isin(earlier.user, users) & (column_of[earlier.startup] >= 0))
    return EvaluationTask(
        data=data,
        window=window,
        policy=chosen,
        catalogue=Catalogue(startups=[data.startups[row] for row in startup_rows.tolist()], as_of=window.start),
        startup_rows=startup_rows,
        users=users,
        known=_user_columns(known, users, column_of),
        relevant=_user_columns(judged, users, column_of),
        acts_before=np.bincount(earlier.user, minlength=len(data.users))[users],
        histories=Histories(data),
        left_out=left_out,
    )


def new_startup_task(task: EvaluationTask) -> EvaluationTask | None:
    """The same question over the startups first acted on within the window, ranked among themselves.

    It is asked for people with history only. None when there is no such startup or no such person.
    """
    first_now = _acted_on(task, within(task.data.interactions, task.window))
    return _among(task, first_now & ~_acted_on(task, before(task.data.interactions, task.window.start)))


def known_startup_task(task: EvaluationTask) -> EvaluationTask | None:
    """The same question over the startups acted on before the window, ranked among themselves; else alike."""
    return _among(task, _acted_on(task, before(task.data.interactions, task.window.start)))


def _among(task: EvaluationTask, startups: BoolArray) -> EvaluationTask | None:
    """The question over some startups (bool, a value per startup of the data) for people with history."""
    columns = np.flatnonzero(startups[task.startup_rows])
    column_of = _column_of(columns, task.width)
    everybody = np.ones(len(task.users), dtype=np.bool_)
    users = task.has_history & (task.relevant.narrow(users=everybody, column_of=column_of).counts > 0)
    if not users.any():
        return None
    return replace(
        task,
        catalogue=replace(task.catalogue, startups=[task.catalogue.startups[column] for column in columns.tolist()]),
        startup_rows=task.startup_rows[columns],
        users=task.users[users],
        known=task.known.narrow(users=users, column_of=column_of),
        relevant=task.relevant.narrow(users=users, column_of=column_of),
        acts_before=task.acts_before[users],
    )


def _acts(interactions: Interactions) -> Interactions:
    return interactions.take(done_by_people(interactions))


def _acted_on(task: EvaluationTask, interactions: Interactions) -> BoolArray:
    touched = np.zeros(len(task.data.startups), dtype=np.bool_)
    touched[_acts(interactions).startup] = True
    return touched


def _column_of(rows: Rows, size: int) -> Rows:
    """int64 [size]: position of each value in `rows`, -1 where it is not there."""
    column_of = np.full(size, -1, dtype=np.int64)
    column_of[rows] = np.arange(len(rows))
    return column_of


def _user_columns(acts: Interactions, users: Rows, column_of: Rows) -> UserColumns:
    return UserColumns.build(
        users=np.searchsorted(users, acts.user),
        columns=column_of[acts.startup],
        values=acts.label,
        user_count=len(users),
    )


def _relevant_acts(
    data: TrainingData, window: TimeWindow, earlier: Interactions, column_of: Rows, label_above: float
) -> tuple[Interactions, dict[str, int]]:
    """The acts of the window that count as relevant, and how many rows and people do not, by reason."""
    acts = _acts(within(data.interactions, window))
    liked = acts.take(acts.label > label_above)
    listed = liked.take(column_of[liked.startup] >= 0)
    unseen = listed.take(~np.isin(_pair_keys(listed, data), _pair_keys(earlier, data)))
    return unseen, {
        "acts_with_low_label": len(acts) - len(liked),
        "acts_on_startups_not_open": len(liked) - len(listed),
        "acts_on_startups_already_known": len(listed) - len(unseen),
        "people_without_relevant_startup": len(np.unique(acts.user)) - len(np.unique(unseen.user)),
        "people_without_history": int((~np.isin(np.unique(unseen.user), earlier.user)).sum()),
    }


def _pair_keys(acts: Interactions, data: TrainingData) -> Rows:
    return acts.user.astype(np.int64) * len(data.startups) + acts.startup
