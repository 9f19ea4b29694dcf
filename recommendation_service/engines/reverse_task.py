"""The question of an evaluation the other way round: which people would act on this startup?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recommendation_service.engines.errors import DatasetError
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.timeline import before, done_by_people
from recommendation_service.engines.types import Catalogue, UserState
from recommendation_service.engines.user_columns import Rows, UserColumns

PEOPLE_RULE = "had acted on some startup before the window"
"""Who could have been ranked. That somebody comes in the window is not known when it begins."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReverseTask:
    """Rank the people for each startup as of the start of the window; who then acted on it is relevant.

    Attributes:
        forward: The question startup-ward, over the same window and catalogue.
        startups: int64 [S], columns of the forward catalogue, ascending: all to which somebody proved relevant.
        people: int64 [P], rows in `data.users`: everybody who can be ranked, see `PEOPLE_RULE`.
        known: Who had acted on each startup before, never to be ranked: S startups, columns into `people`.
        relevant: Who proved relevant to each startup, with the label.
        acts_before: int64 [S], how many people had acted on each startup before.
        left_out: Relevant pairs and startups that do not count, by reason.
    """

    forward: EvaluationTask
    startups: Rows
    people: Rows
    known: UserColumns
    relevant: UserColumns
    acts_before: Rows
    left_out: Mapping[str, int]

    @property
    def width(self) -> int:
        """P: people that could be ranked."""
        return len(self.people)

    def catalogue(self, startups: slice) -> Catalogue:
        """A run of the startups, to bind an engine to."""
        chosen = [self.forward.catalogue.startups[column] for column in self.startups[startups].tolist()]
        return Catalogue(startups=chosen, as_of=self.forward.window.start)

    def states(self, people: slice) -> list[UserState]:
        """A run of people as they were when the window began."""
        moment = self.forward.window.start
        return [self.forward.histories.state(int(row), moment) for row in self.people[people]]


def reverse_task(forward: EvaluationTask) -> ReverseTask:
    """Turn a question round.

    Raises:
        DatasetError: If nobody with a past proved relevant to any startup.
    """
    earlier = before(forward.data.interactions, forward.window.start)
    earlier = earlier.take(done_by_people(earlier))
    people = np.unique(earlier.user).astype(np.int64)
    person_of = _position_of(people, len(forward.data.users))
    person = person_of[forward.users[forward.relevant.owners]]
    columns, can_be_ranked = forward.relevant.columns, person >= 0
    startups = np.unique(columns[can_be_ranked])
    if not len(startups):
        raise DatasetError(
            f"nobody who had acted before {forward.window.start.isoformat()} acted on an open startup after it; "
            "choose a later split"
        )
    startup_of = _position_of(startups, forward.width)
    place = startup_of[_position_of(forward.startup_rows, len(forward.data.startups))[earlier.startup]]
    place[~np.isin(earlier.startup, forward.startup_rows)] = -1
    asked = place >= 0
    return ReverseTask(
        forward=forward,
        startups=startups,
        people=people,
        known=UserColumns.build(
            users=place[asked],
            columns=person_of[earlier.user[asked]],
            values=earlier.label[asked],
            user_count=len(startups),
        ),
        relevant=UserColumns.build(
            users=startup_of[columns[can_be_ranked]],
            columns=person[can_be_ranked],
            values=forward.relevant.values[can_be_ranked],
            user_count=len(startups),
        ),
        acts_before=np.bincount(place[asked], minlength=len(startups)),
        left_out={
            "acts_of_people_without_history": int((~can_be_ranked).sum()),
            "startups_without_relevant_person": len(np.unique(columns)) - len(startups),
        },
    )


def _position_of(rows: Rows, size: int) -> Rows:
    """int64 [size]: position of each value in `rows`, -1 where it is not there."""
    position = np.full(size, -1, dtype=np.int64)
    position[rows] = np.arange(len(rows))
    return position
