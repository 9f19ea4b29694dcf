"""Who comes into question for a startup, best first, and whether they still can be found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommendation_service.engines.selection import best_columns
from recommendation_service.engines.types import BoolArray, FloatArray, StartupRecord
from recommendation_service.services.people_book import PeopleBook
from recommendation_service.services.people_ports import ConfirmedMember

_TRIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRequest:
    """Which people are asked for.

    Attributes:
        startup: For which.
        role: What they are here for; None for anything.
        exclude: Ids of people who must not be in the list.
    """

    startup: StartupRecord
    role: str | None = None
    exclude: frozenset[str] = frozenset()

    def admits(self, member: ConfirmedMember) -> bool:
        """Whether the rules that may have changed let a member into the list, as they are now."""
        return self.role in {None, member.role} and not member.decided


def eligible_rows(book: PeopleBook, request: PeopleRequest) -> BoolArray:
    """bool [R]: whom the rules let into the list, as far as the book knows."""
    allowed = book.live.copy()
    if request.role is not None:
        allowed &= book.roles == request.role
    kept_out = [*request.exclude, *([request.startup.owner_id] if request.startup.owner_id else [])]
    allowed[[book.row_of[user_id] for user_id in kept_out if user_id in book.row_of]] = False
    allowed[book.withheld(request.startup.id)] = False
    return allowed


Confirm = Callable[[Collection[str]], Mapping[str, ConfirmedMember] | None]
"""Tells those of some ids who can be found, as they are now; None where nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """The best of those who come into question.

    Attributes:
        rows: Of the book, best first.
        confirmed: Whether they were asked for now; False where nobody could tell.
        exhausted: Whether there are no others.
    """

    rows: Sequence[int]
    confirmed: bool
    exhausted: bool


def best_candidates(
    book: PeopleBook, scores: FloatArray, request: PeopleRequest, count: int, confirm: Confirm
) -> Candidates:
    """The best rows whose members still can be found and whom the rules still let in.

    Args:
        book: Of the rows.
        scores: float32 [R], -inf for whom the rules keep out; not changed.
        request: The rules.
        count: How many are wanted.
        confirm: Asked for whoever comes into question; who left or hid since is replaced by the next best.
    """
    remaining, found, confirmed = scores.copy(), list[int](), True
    left = int(np.count_nonzero(np.isfinite(scores)))
    for _ in range(_TRIES):
        rows = best_columns(remaining, count - len(found)).tolist()
        members = confirm([book.ids[row] for row in rows])
        confirmed = members is not None
        found += rows if members is None else _admitted(book, rows, request, members)
        remaining[rows] = -np.inf
        left -= len(rows)
        if len(found) >= count or not left:
            break
    return Candidates(rows=found, confirmed=confirmed, exhausted=not left)


def _admitted(
    book: PeopleBook, rows: Sequence[int], request: PeopleRequest, members: Mapping[str, ConfirmedMember]
) -> list[int]:
    present = [(row, members[book.ids[row]]) for row in rows if book.ids[row] in members]
    return [row for row, member in present if request.admits(member)]
