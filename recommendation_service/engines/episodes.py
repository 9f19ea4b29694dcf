"""Training windows asked as an evaluation asks: who then acted, what was open, what was known before, what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.errors import DatasetError, TrainingError
from recommendation_service.engines.evaluation_task import EvaluationTask, build_task
from recommendation_service.engines.timeline import TimeWindow, done_by_people, from_microseconds, within
from recommendation_service.engines.types import TrainingData
from recommendation_service.engines.user_columns import UserColumns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Episode:
    """A window as a question with its answers.

    Attributes:
        task: The question: people, startups, what was known, what proved relevant.
        disliked: What each of the people disliked in the window.
    """

    task: EvaluationTask
    disliked: UserColumns


def build_episodes(data: TrainingData, windows: Sequence[TimeWindow]) -> list[Episode]:
    """The windows in which something relevant happened.

    Args:
        data: Records, and rows from before and inside the windows.
        windows: In any order.

    Raises:
        TrainingError: If nothing relevant happened in any of them.
    """
    episodes = []
    for window in windows:
        try:
            task = build_task(data, window)
        except DatasetError:
            continue
        episodes.append(Episode(task=task, disliked=_disliked(task)))
    if not episodes:
        raise TrainingError(
            f"none of the {len(data.interactions)} training rows makes an episode: nobody liked anything in "
            f"{len(windows)} windows; export a dataset with more interactions, or train until a later moment"
        )
    return episodes


def training_windows(times: npt.NDArray[np.int64], *, count: int, length: timedelta) -> list[TimeWindow]:
    """Windows one after the other, the last of which ends with the last act; oldest first.

    A window before which nobody had done anything is left out, unless all are: nothing tells people and startups apart
    there, and what towers learn from it ("whoever has no acts is as good as any") ruins them for every other.

    Args:
        times: When people acted, in microseconds since 1970 UTC.
        count: How many windows.
        length: Of each.

    Raises:
        TrainingError: If nobody did anything.
    """
    if not len(times):
        raise TrainingError(
            "none of the 0 training rows is something that people did; "
            "export a dataset with more interactions, or train until a later moment"
        )
    end = from_microseconds(int(times.max()) + 1)
    ends = [end - length * back for back in range(count - 1, -1, -1)]
    windows = [TimeWindow(start=end - length, end=end) for end in ends]
    first = from_microseconds(int(times.min()))
    return [window for window in windows if window.start > first] or windows


def _disliked(task: EvaluationTask) -> UserColumns:
    """Startups of the catalogue that the people of a task disliked within its window, and did not know before."""
    acts = within(task.data.interactions, task.window)
    acts = acts.take(done_by_people(acts) & (acts.label == 0) & np.isin(acts.user, task.users))
    column_of = np.full(len(task.data.startups), -1, dtype=np.int64)
    column_of[task.startup_rows] = np.arange(len(task.startup_rows))
    acts = acts.take(column_of[acts.startup] >= 0)
    return UserColumns.build(
        users=np.searchsorted(task.users, acts.user),
        columns=column_of[acts.startup],
        values=acts.weight,
        user_count=len(task.users),
    )
