"""People as they were last read whole, each good for as long as the database tells the same signs of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from recommendation_service.engines.types import UserState

Signs = tuple[object, ...]
MOST_PEOPLE = 5000
"""Some 8 KiB each, which those who keep the last known of a person share."""


class PeopleSeen:
    """A bounded memory of people beside the signs under which they were read; safe to share between threads.

    Whoever was read longest ago is forgotten first. It never says how fresh a person is: who asks has read the signs
    just now, and gets a person only where they are the same. So all readers may share one memory: whoever follows
    everybody in the background reads ahead for those who ask.
    """

    def __init__(self, most: int = MOST_PEOPLE) -> None:
        self._most = most
        self._lock = Lock()
        self._people: OrderedDict[str, tuple[Signs, UserState]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._people)

    def unchanged(self, signs: Mapping[str, Signs]) -> dict[str, UserState]:
        """Those of whom the database still tells what it told when they were read, by id."""
        with self._lock:
            known = {user_id: self._people.get(user_id) for user_id in signs}
        return {user_id: kept[1] for user_id, kept in known.items() if kept is not None and kept[0] == signs[user_id]}

    def keep(self, signs: Mapping[str, Signs], states: Mapping[str, UserState]) -> None:
        """Keep people who were read after their signs: a change in between shows as other signs next time."""
        with self._lock:
            for user_id, state in states.items():
                self._people[user_id] = (signs[user_id], state)
                self._people.move_to_end(user_id)
            while len(self._people) > self._most:
                self._people.popitem(last=False)
