"""Who is asking: what the platform knows of a person, and which rungs are due for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.api import Rung, Segment
from recommendation_service.engines.types import UserRecord, UserState
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.services.text_encoders import person_of_encoder
from recommendation_service.services.user_states import UserReading, UserStates

ANONYMOUS_ROUTE = (Rung.TRENDING, Rung.NEWEST)
"""The same for everybody: when the person cannot be read, or wants no list of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedPerson:
    """A person as far as they could be read.

    Attributes:
        route: The rungs to try, in order.
        problems: What was due but failed while reading them.
    """

    state: UserState
    segment: Segment
    route: Sequence[Rung]
    problems: Sequence[str] = ()


class RoutedPeople:
    """Reads people and finds their rungs; whom nothing is known of now is treated as a stranger."""

    def __init__(
        self,
        users: UserStates,
        options: ServingOptions,
        fallbacks: FallbackCounter,
        *,
        two_tower: bool,
    ) -> None:
        self._users = users
        self._options = options
        self._fallbacks = fallbacks
        self._two_tower = two_tower

    def read(self, user_id: str, snapshot: Snapshot, now: datetime) -> RoutedPerson:
        """One person.

        Raises:
            UnknownUserError: If there is no such person.
        """
        return self._routed(user_id, self._users.read(user_id, now), snapshot)

    def read_many(self, user_ids: Sequence[str], snapshot: Snapshot, now: datetime) -> Mapping[str, RoutedPerson]:
        """Several people at once, by id; whom nobody knows is left out."""
        readings = self._users.read_many(user_ids, now)
        return {user_id: self._routed(user_id, reading, snapshot) for user_id, reading in readings.items()}

    def route(self, state: UserState, snapshot: Snapshot, problems: Sequence[str] = ()) -> RoutedPerson:
        """The rungs that are due for a person, by the evidence of the version that serves and by what they want."""
        state = self._comparable(state, snapshot)
        if not state.is_personalised:
            return RoutedPerson(state=state, segment=Segment.COLD, route=ANONYMOUS_ROUTE, problems=problems)
        routing = snapshot.routing or self._options.routing
        segment = routing.segment(len(state.history))
        route = routing.route(segment, two_tower=self._two_tower)
        return RoutedPerson(state=state, segment=segment, route=route, problems=problems)

    def _routed(self, user_id: str, reading: UserReading, snapshot: Snapshot) -> RoutedPerson:
        problems = snapshot.problems if reading.problem is None else (*snapshot.problems, reading.problem)
        if reading.state is None:
            return _stranger(user_id, problems)
        return self.route(reading.state, snapshot, problems)

    def _comparable(self, state: UserState, snapshot: Snapshot) -> UserState:
        """The person as the snapshot's engines may see them: not with a text of another encoder."""
        comparable = person_of_encoder(state, snapshot.encoder)
        if comparable is not state:
            self._fallbacks.count("user_text", "other_encoder")
        return comparable


def _stranger(user_id: str, problems: Sequence[str]) -> RoutedPerson:
    state = UserState(record=UserRecord(id=user_id, role=""))
    return RoutedPerson(state=state, segment=Segment.COLD, route=ANONYMOUS_ROUTE, problems=problems)
