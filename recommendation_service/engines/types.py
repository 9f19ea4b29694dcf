"""The vocabulary of the engines: typed raw records, interactions as arrays, and rankings.

Shape legend used across the engines: B users in a batch, U users, N startups of a catalogue, P labelled pairs,
K places of a list, D width of an embedding, F width of a feature vector.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.growing_rows import GrowingRows
from recommendation_service.engines.person_history import INTERACTION_KINDS as INTERACTION_KINDS
from recommendation_service.engines.person_history import NOTHING_DONE, History
from recommendation_service.engines.person_history import HistoryItem as HistoryItem
from recommendation_service.engines.unit_rows import unit_texts

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place, from large to small; unknown parts are empty."""

    country: str = ""
    state: str = ""
    region: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserRecord:
    """A person's raw features, as the platform holds them.

    Attributes:
        embedding: Text embedding, float32 [D], or None when there is none.
        encoder: What made it; None where nobody tells.
    """

    id: str
    role: str
    location: Location = Location()
    skills: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    embedding: FloatArray | None = None
    encoder: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A position that a startup offers."""

    title: str
    requirements: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRound:
    """A funding round; a feature only for moments after `announced_on`."""

    announced_on: date
    kind: str = ""
    amount_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StartupRecord:
    """A startup's raw features, as the platform holds them.

    Attributes:
        opened_at: Since when it exists for members, timezone-aware.
        closed_at: Until when; None while it is open.
        rounds: Funding rounds in order of date.
        embedding: Text embedding, float32 [D], or None when there is none.
        encoder: What made it; None where nobody tells.
    """

    id: str
    opened_at: datetime
    title: str = ""
    owner_id: str | None = None
    type: str = ""
    category: str = ""
    field: str = ""
    phase: str = ""
    status: str = "active"
    stages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    location: Location = Location()
    positions: tuple[Position, ...] = ()
    founded_on: date | None = None
    closed_at: datetime | None = None
    rounds: tuple[FundingRound, ...] = ()
    embedding: FloatArray | None = None
    encoder: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserState:
    """A person at a moment: raw features and history up to then, oldest first. What an engine is asked about.

    Attributes:
        history: Any sequence of items is made one.
        is_personalised: Whether lists may be made of what they did; if not, only rules look at their history.
    """

    record: UserRecord
    history: History = NOTHING_DONE
    as_of: datetime | None = None
    is_personalised: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "history", History.of(self.history))

    def without_acts(self) -> UserState:
        """The person as if they never did anything."""
        return replace(self, history=NOTHING_DONE)

    def as_stranger(self) -> UserState:
        """The person as if nothing were known of them."""
        return replace(self, record=UserRecord(id=self.record.id, role=""), history=NOTHING_DONE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interactions:
    """Labelled pairs as parallel arrays of length P; indices point into the users and startups they came with.

    Attributes:
        user: int32 [P].
        startup: int32 [P].
        label: float32 [P] in [0, 1].
        weight: float32 [P].
        kind: int8 [P], position in INTERACTION_KINDS.
        time: int64 [P], microseconds since 1970 UTC.
    """

    user: IntArray
    startup: IntArray
    label: FloatArray
    weight: FloatArray
    kind: npt.NDArray[np.int8]
    time: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.user)

    def take(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Interactions:
        """The rows of a boolean mask or of an index array, as a new object."""
        return Interactions(
            user=self.user[rows],
            startup=self.startup[rows],
            label=self.label[rows],
            weight=self.weight[rows],
            kind=self.kind[rows],
            time=self.time[rows],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Catalogue:
    """The startups a list is drawn from at a moment, in a fixed order that gives each its column.

    A catalogue that follows a platform grows: a startup that changed is a new column, and its old one is dead.

    Attributes:
        startups: N records.
        as_of: The moment of ranking, timezone-aware: features that change with time (age, rounds) are as of then. None
            where no engine looks at time.
        live: bool [N], False for columns whose record was replaced or is gone; None where all are live.
        text_rows: The first N rows are `texts`; None where they are made of the records when first asked for.
    """

    startups: Sequence[StartupRecord]
    as_of: datetime | None = None
    live: BoolArray | None = None
    text_rows: GrowingRows | None = None

    def __len__(self) -> int:
        return len(self.startups)

    @property
    def size(self) -> int:
        """How many columns are live."""
        return len(self.startups) if self.live is None else int(self.live.sum())

    def mask(self) -> BoolArray:
        """bool [N], True where live: a fresh array, to be narrowed."""
        return np.ones(len(self.startups), dtype=np.bool_) if self.live is None else self.live.copy()

    @cached_property
    def column_of(self) -> Mapping[str, int]:
        """The latest column of each startup id, live or not: a history may name what is gone."""
        return {startup.id: column for column, startup in enumerate(self.startups)}

    @cached_property
    def index_of(self) -> Mapping[str, int]:
        """Column of each startup id that is live."""
        if self.live is None:
            return self.column_of
        return {self.startups[column].id: column for column in np.flatnonzero(self.live).tolist()}

    def record_of(self, startup_id: str) -> StartupRecord | None:
        """The record of a startup that is live."""
        column = self.index_of.get(startup_id)
        return None if column is None else self.startups[column]

    @cached_property
    def id_bytes(self) -> npt.NDArray[np.void]:
        """[N] of the 16 bytes of each startup's id; for catalogues whose ids are UUIDs."""
        digits = "".join(startup.id for startup in self.startups).replace("-", "")
        return np.frombuffer(bytes.fromhex(digits), dtype="V16")

    @cached_property
    def texts(self) -> FloatArray:
        """float32 [N, D] of unit text embeddings; zeros where there is none that can be used."""
        return self._rows_of_texts.first(len(self.startups))

    @cached_property
    def _rows_of_texts(self) -> GrowingRows:
        return self.text_rows or GrowingRows.holding(unit_texts([startup.embedding for startup in self.startups]))

    def changed(self, startups: Sequence[StartupRecord], gone: Collection[str], as_of: datetime | None) -> Catalogue:
        """This catalogue with new or changed startups behind it, and their old columns and those that are gone dead.

        Args:
            startups: To be added, each id once.
            gone: Ids that are no longer part of it; unknown ones do not matter.
            as_of: The moment of the columns that are added.
        """
        index_of = self.index_of
        live = np.append(self.mask(), np.ones(len(startups), dtype=np.bool_))
        replaced = (startup.id for startup in startups)
        live[[index_of[startup] for startup in (*gone, *replaced) if startup in index_of]] = False
        texts = self._rows_of_texts
        if startups:
            texts = texts.grown(len(self), unit_texts([startup.embedding for startup in startups]))
        return Catalogue(startups=[*self.startups, *startups], as_of=as_of, live=live, text_rows=texts)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingData:
    """Everything an engine may learn from.

    Attributes:
        users: Row of each user; `interactions.user` points here.
        startups: Row of each startup; `interactions.startup` points here.
        provenance: Where it came from (dataset path, manifest hash), carried into model manifests.
    """

    users: Sequence[UserRecord]
    startups: Sequence[StartupRecord]
    interactions: Interactions
    provenance: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """The best K columns of a catalogue for each of B users, best first.

    Attributes:
        columns: int32 [B, K]; -1 where nothing was left.
        scores: float32 [B, K]; -inf where nothing was left.
    """

    columns: IntArray
    scores: FloatArray


def empty_ranking(users: int, k: int) -> Ranking:
    """A ranking in which nothing is left for anybody, to be filled in."""
    return Ranking(
        columns=np.full((users, k), -1, dtype=np.int32), scores=np.full((users, k), -np.inf, dtype=np.float32)
    )
