"""Everybody who can be found, as arrays: encoded once by one engine, in blocks that never change.

A member takes about 2 KB with a text and a hundred facets. Whoever changed is in a block behind, and their old row is
dead; a book with many dead rows or many blocks is bound anew.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from recommendation_service.engines.people_parts import PeopleParts, ScoresPeople, StartupParts
from recommendation_service.engines.types import BoolArray, FloatArray, HistoryItem, IntArray, UserState
from recommendation_service.services.people_ports import DECISIONS, Member
from recommendation_service.services.text_encoders import person_of_encoder

MOST_BLOCKS = 32
MOST_DEAD = 0.2
_NOBODY = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleBlock:
    """B members in the order of their rows.

    Attributes:
        ids: Theirs.
        roles: [B], what they are here for.
        joined: float64 [B], seconds since 1970 UTC.
        parts: What the engine looks at.
        withheld: Rows of whoever decided on a startup, by its id.
        foreign: bool [B], whose text is of another encoder than the engine's, and was left out.
    """

    ids: Sequence[str]
    roles: npt.NDArray[np.str_]
    joined: npt.NDArray[np.float64]
    parts: PeopleParts
    withheld: Mapping[str, IntArray]
    foreign: BoolArray

    @classmethod
    def of(cls, members: Sequence[Member], engine: ScoresPeople, encoder: str | None) -> PeopleBlock:
        """Encode members, without texts that the engine cannot compare."""
        seen = [person_of_encoder(member.known, encoder) for member in members]
        withheld: dict[str, list[int]] = {}
        for row, member in enumerate(members):
            for startup_id in decided_on(member.state.history):
                withheld.setdefault(startup_id, []).append(row)
        return cls(
            ids=[member.state.record.id for member in members],
            roles=np.array([member.state.record.role for member in members], dtype=np.str_),
            joined=np.array([member.joined_at.timestamp() for member in members], dtype=np.float64),
            parts=engine.people_parts(seen),
            withheld={startup_id: np.array(rows, dtype=np.int32) for startup_id, rows in withheld.items()},
            foreign=_without_text(seen) & ~_without_text([member.known for member in members]),
        )


def decided_on(history: Iterable[HistoryItem]) -> list[str]:
    """The startups that somebody applied to, expressed interest in or disliked."""
    return [item.startup_id for item in history if item.kind in DECISIONS]


@dataclass(frozen=True, kw_only=True, eq=False)
class PeopleBook:
    """R rows of members, some of them dead.

    Attributes:
        key: Under which the parts of all blocks were made.
        blocks: One behind the other.
        live: bool [R].
        row_of: Of each live member.
    """

    key: Hashable
    blocks: tuple[PeopleBlock, ...] = ()
    live: BoolArray
    row_of: Mapping[str, int]

    @classmethod
    def empty(cls, key: Hashable) -> PeopleBook:
        """Nobody yet."""
        return cls(key=key, live=np.empty(0, dtype=np.bool_), row_of={})

    def __len__(self) -> int:
        return len(self.row_of)

    def changed(self, block: PeopleBlock | None, gone: Collection[str]) -> PeopleBook:
        """The same with some members new or changed, and some gone."""
        live, row_of, blocks = self.live.copy(), dict(self.row_of), self.blocks
        arrived: Sequence[str] = () if block is None else block.ids
        for user_id in (*gone, *arrived):
            row = row_of.pop(user_id, None)
            if row is not None:
                live[row] = False
        if block is not None:
            row_of.update({user_id: len(live) + row for row, user_id in enumerate(arrived)})
            live = np.append(live, np.ones(len(arrived), dtype=np.bool_))
            blocks = (*blocks, block)
        return replace(self, blocks=blocks, live=live, row_of=row_of)

    @property
    def worn(self) -> bool:
        """Whether it is time to put it together anew."""
        dead = len(self.live) - len(self.row_of)
        return len(self.blocks) > MOST_BLOCKS or dead > max(1000, MOST_DEAD * len(self.live))

    def together(self) -> PeopleBook:
        """The same members in one block, without dead rows."""
        rows = np.flatnonzero(self.live)
        place = np.cumsum(self.live) - 1
        ids = [self.ids[row] for row in rows.tolist()]
        sparse = _stacked([block.parts.sparse for block in self.blocks])
        block = PeopleBlock(
            ids=ids,
            roles=self.roles[rows],
            joined=self.joined[rows],
            parts=PeopleParts(
                dense=np.concatenate([block.parts.dense for block in self.blocks])[rows], sparse=sparse[rows]
            ),
            withheld={
                startup_id: place[found].astype(np.int32)
                for startup_id in {startup_id for block in self.blocks for startup_id in block.withheld}
                if len(found := self.withheld(startup_id))
            },
            foreign=self.foreign[rows],
        )
        return replace(
            self,
            blocks=(block,),
            live=np.ones(len(ids), dtype=np.bool_),
            row_of={user_id: row for row, user_id in enumerate(ids)},
        )

    @cached_property
    def ids(self) -> Sequence[str]:
        """R ids."""
        return [user_id for block in self.blocks for user_id in block.ids]

    @cached_property
    def roles(self) -> npt.NDArray[np.str_]:
        """[R]."""
        return np.concatenate([block.roles for block in self.blocks]) if self.blocks else np.empty(0, dtype=np.str_)

    @cached_property
    def joined(self) -> npt.NDArray[np.float64]:
        """float64 [R], seconds since 1970 UTC."""
        return np.concatenate([block.joined for block in self.blocks]) if self.blocks else np.empty(0)

    @cached_property
    def known(self) -> BoolArray:
        """bool [R]: about whom the engine has anything to go by."""
        known = [block.parts.known for block in self.blocks]
        return np.concatenate(known) if known else np.empty(0, dtype=np.bool_)

    @cached_property
    def foreign(self) -> BoolArray:
        """bool [R]: live members whose text is of another encoder."""
        foreign = [block.foreign for block in self.blocks]
        return np.concatenate(foreign) & self.live if foreign else self.live

    def scores(self, startup: StartupParts) -> FloatArray:
        """float32 [R]: the engine's scores of everybody for a startup."""
        scores = [block.parts.scores(startup) for block in self.blocks]
        return np.concatenate(scores) if scores else np.empty(0, dtype=np.float32)

    def parts_of(self, rows: Sequence[int]) -> PeopleParts:
        """The parts of some rows, in their order."""
        ends = np.cumsum([len(block.ids) for block in self.blocks])
        wanted = np.asarray(rows, dtype=np.intp)
        block_of = np.searchsorted(ends, wanted, side="right")
        taken = [np.flatnonzero(block_of == place) for place in range(len(self.blocks))]
        parts = [
            block.parts.take(wanted[places] - (end - len(block.ids)))
            for block, places, end in zip(self.blocks, taken, ends.tolist(), strict=True)
        ]
        order = np.argsort(np.concatenate(taken), kind="stable")
        return PeopleParts(
            dense=np.concatenate([part.dense for part in parts]), sparse=_stacked([part.sparse for part in parts])
        ).take(order)

    def withheld(self, startup_id: str) -> IntArray:
        """Live rows of whoever decided on a startup."""
        found, first = [_NOBODY], 0
        for block in self.blocks:
            rows = block.withheld.get(startup_id)
            if rows is not None:
                found.append(rows + first)
            first += len(block.ids)
        rows = np.concatenate(found).astype(np.int32)
        return rows[self.live[rows]]


def _without_text(people: Sequence[UserState]) -> BoolArray:
    """bool [B]."""
    return np.array([person.record.embedding is None for person in people], dtype=np.bool_)


def _stacked(tables: Sequence[csr_matrix]) -> csr_matrix:
    """One under the other, as wide as the widest: facets that came later have columns behind."""
    width = max(table.shape[1] for table in tables)
    widened = [csr_matrix((one.data, one.indices, one.indptr), shape=(one.shape[0], width)) for one in tables]
    return vstack(widened, format="csr")
