"""Many people ranked at once: read in few queries, scored block by block, each block by one matrix product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from contracts.api import Rung
from recommendation_service.engines.types import BoolArray, UserState
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.ladder import Ladder, LadderAnswer
from recommendation_service.services.routed_people import RoutedPeople, RoutedPerson
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.services.statistics import ServiceStatistics

SCORES_AT_ONCE = 4_000_000
"""Scores of one block, 4 bytes each: what a batch holds in memory at a time, whatever its length."""
MOST_PEOPLE_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPerson:
    """A person with the list that a rung made for them."""

    person: RoutedPerson
    answer: LadderAnswer

    @property
    def problems(self) -> list[str]:
        """What was due but failed."""
        return [*self.person.problems, *self.answer.failures]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRanking:
    """Ranks people by the hundred, over what one worker has.

    Attributes:
        people: Reads who is asked for.
        fallbacks: Counts what failed.
        statistics: Measures the stages of a block.
    """

    people: RoutedPeople
    fallbacks: FallbackCounter
    statistics: ServiceStatistics

    def ranked(
        self,
        snapshot: Snapshot,
        user_ids: Sequence[str],
        k: int,
        now: datetime,
        allowed_for: Callable[[Sequence[UserState]], BoolArray],
    ) -> Iterator[tuple[str, RankedPerson | None]]:
        """Each person with their list, in the order asked for; None beside whom nobody knows.

        Args:
            snapshot: What is ranked.
            user_ids: For whom.
            k: Places.
            now: The moment of the answers.
            allowed_for: bool [B, N], which startups each of some people may be shown.
        """
        people_at_once = max(1, min(MOST_PEOPLE_AT_ONCE, SCORES_AT_ONCE // max(1, len(snapshot.catalogue))))
        blocks = [user_ids[start : start + people_at_once] for start in range(0, len(user_ids), people_at_once)]
        for block, known in self._read_ahead(blocks, snapshot, now):
            with self.statistics.stage("block_rank"):
                ranked = self._rank(snapshot, known, k, allowed_for)
            for user_id in block:
                yield user_id, ranked.get(user_id)

    def _read_ahead(
        self, blocks: Sequence[Sequence[str]], snapshot: Snapshot, now: datetime
    ) -> Iterator[tuple[Sequence[str], Mapping[str, RoutedPerson]]]:
        """Each block with its people; while one is ranked, which the database need not wait for, the next is read."""

        def read(block: Sequence[str]) -> Mapping[str, RoutedPerson]:
            with self.statistics.stage("block_user_read"):
                return self.people.read_many(block, snapshot, now)

        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="block-reader") as reader:
            ahead = [reader.submit(read, block) for block in blocks[:1]]
            for block, following in zip_longest(blocks, blocks[1:]):
                known = ahead.pop().result()
                if following is not None:
                    ahead.append(reader.submit(read, following))
                yield block, known

    def _rank(
        self,
        snapshot: Snapshot,
        known: Mapping[str, RoutedPerson],
        k: int,
        allowed_for: Callable[[Sequence[UserState]], BoolArray],
    ) -> dict[str, RankedPerson]:
        """One climb for all people of the same route."""
        by_route: dict[tuple[Rung, ...], list[RoutedPerson]] = defaultdict(list)
        for person in known.values():
            by_route[tuple(person.route)].append(person)
        ladder = Ladder(snapshot.rungs, self.fallbacks)
        ranked = {}
        for route, people in by_route.items():
            states = [person.state for person in people]
            answers = ladder.climb(route, states, k=k, allowed=allowed_for(states))
            for person, answer in zip(people, answers, strict=True):
                ranked[person.state.record.id] = RankedPerson(person=person, answer=answer)
        return ranked
