"""Members who let themselves be found, as the service needs them from outside the process."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.interactions import InteractionType
from recommendation_service.engines.types import UserState

DECISIONS = frozenset({InteractionType.APPLY, InteractionType.INTEREST, InteractionType.DISLIKE})
"""Who did this to a startup has decided on it: its founder knows of them, or they do not want to be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member whom founders may find: active, with a public profile.

    Attributes:
        state: What they say of themselves and what they did, up to now.
        joined_at: Since when they are here.
    """

    state: UserState
    joined_at: datetime

    @property
    def known(self) -> UserState:
        """What they may be ranked and described by: not what they did, if they do not want that."""
        return self.state if self.state.is_personalised else self.state.without_acts()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedMember:
    """What decides whether a member may be in a list, as it is now.

    Attributes:
        role: What they are here for.
        decided: Whether they applied to the startup, expressed interest in it or disliked it.
    """

    role: str
    decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMark:
    """How far changes were followed.

    Attributes:
        read_at: When it was looked.
        seen: Marks of what was seen of the time shortly before; what commits late is not among them.
        last_act: The latest act seen.
    """

    read_at: datetime
    seen: frozenset[tuple[object, ...]]
    last_act: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanges:
    """What happened since a mark.

    Attributes:
        ids: Who changed what they say of themselves, or did something, findable or not.
        count: How many members can be found now.
        mark: Where the next look begins.
    """

    ids: frozenset[str]
    count: int
    mark: MemberMark


class MemberSource(Protocol):
    """The platform's members, read only.

    Every method raises `DatabaseUnavailableError` when the database does not answer in time.
    """

    def mark(self, now: datetime) -> MemberMark:
        """Where following begins for who is read after this."""

    def findable(self) -> Sequence[str]:
        """Ids of all members who can be found."""

    def members(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        """Those of some people who can be found, in no order; for the background."""

    def confirmed(self, ids: Collection[str], startup_id: str) -> Mapping[str, ConfirmedMember]:
        """Those of some people who can be found now, by id; within the time that a request has."""

    def described(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        """As `members`, within the time that a request has."""

    def changes(self, since: MemberMark, now: datetime) -> MemberChanges:
        """What happened since a mark."""
