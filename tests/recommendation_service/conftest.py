"""A tiny synthetic platform as typed records, one per seed: members with tastes, startups, acts over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from contracts.dataset import (
    EMBEDDING_DIM,
    SCHEMA_VERSION,
    DatasetManifest,
    DatasetPaths,
    FileEntry,
    LabelPolicy,
    NegativeSampling,
)
from contracts.interactions import LABELS, SAMPLED_NEGATIVE, WEIGHTS, InteractionType, PairOutcome
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    FundingRound,
    HistoryItem,
    Interactions,
    Location,
    Position,
    StartupRecord,
    TrainingData,
    UserRecord,
    UserState,
)
from recommendation_service.services.ports import (
    CatalogueChanges,
    CatalogueMark,
    KnownRecords,
    OpenStartups,
    TextCounts,
    nothing_known,
)
from recommendation_service.services.startup_activity import StartupActivity

START = datetime(2025, 1, 1, tzinfo=UTC)
CATEGORIES = ("fintech", "health", "climate", "education", "gaming")
PLACES = (
    Location(country="USA", state="CA", region="SF Bay", city="San Francisco"),
    Location(country="USA", state="NY", region="New York", city="New York"),
    Location(country="DEU", region="Berlin", city="Berlin"),
)
ROLES = ("student", "investor", "entrepreneur")
ENCODER = "tests"
INTERESTED = ("like", "favorite", "apply", "interest")
LIKED_KINDS = ("view", "click", "like", "favorite", "apply", "interest")

Row = tuple[int, int, str, int]
"""User row, startup row, kind, microseconds since 1970."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large the platform is."""

    users: int = 60
    startups: int = 40
    days: int = 120
    acts_per_user: float = 12.0
    negatives_per_positive: int = 2
    with_rounds: bool = False
    seed: int = 0


def identifier(kind: int, row: int) -> str:
    return f"{kind:08d}-0000-4000-8000-{row:012d}"


def taste_vector(category: int, rng: np.random.Generator) -> np.ndarray:
    """A unit text embedding: the category's own direction plus noise."""
    vector = rng.normal(0.0, 0.02, EMBEDDING_DIM)
    vector[category] += 1.0
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def make_user(row: int, rng: np.random.Generator) -> UserRecord:
    category = row % len(CATEGORIES)
    return UserRecord(
        id=identifier(1, row),
        external_id=f"/person/{row}",
        role=ROLES[row % len(ROLES)],
        location=PLACES[int(rng.integers(len(PLACES)))],
        skills=("python", "sales")[: 1 + row % 2],
        categories=(CATEGORIES[category],),
        fields=(f"{CATEGORIES[category]}-field",),
        tags=(f"{CATEGORIES[category]}-tag",),
        stages=("seed",),
        embedding=None if row % 10 == 9 else taste_vector(category, rng),
        encoder=None if row % 10 == 9 else ENCODER,
    )


def make_startup(row: int, shape: Shape, rng: np.random.Generator) -> StartupRecord:
    """A third is there from the start, the rest arrive; one in twelve closes; one in ten has no embedding."""
    category = row % len(CATEGORIES)
    opened = START if row % 3 == 0 else START + timedelta(days=float(rng.uniform(0, shape.days * 0.9)))
    return StartupRecord(
        id=identifier(2, row),
        external_id=f"/company/{row}",
        title=f"Startup {row}",
        opened_at=opened,
        closed_at=opened + timedelta(days=shape.days * 0.3) if row % 12 == 11 else None,
        type=("marketplace", "collaboration")[row % 2],
        category=CATEGORIES[category],
        field=f"{CATEGORIES[category]}-field",
        phase=("idea", "growth")[row % 2],
        stages=("seed",),
        tags=(f"{CATEGORIES[category]}-tag",),
        location=PLACES[int(rng.integers(len(PLACES)))],
        positions=(Position(title="Engineer", requirements="python"),) if row % 2 else (),
        founded_on=date(2024, 1, 1),
        rounds=make_rounds(opened, shape, rng) if shape.with_rounds else (),
        embedding=None if row % 10 == 9 else taste_vector(category, rng),
        encoder=None if row % 10 == 9 else ENCODER,
    )


def make_rounds(opened: datetime, shape: Shape, rng: np.random.Generator) -> tuple[FundingRound, ...]:
    days = np.sort(rng.integers(0, shape.days, size=int(rng.integers(0, 3))))
    return tuple(
        FundingRound(announced_on=(opened + timedelta(days=int(day))).date(), kind="seed", amount_usd=1e6)
        for day in days
    )


def is_open(startup: StartupRecord, moment: datetime) -> bool:
    return startup.opened_at <= moment and (startup.closed_at is None or moment < startup.closed_at)


def affinities(user: UserRecord, startups: list[StartupRecord]) -> np.ndarray:
    """A member's taste: the same category counts most, then the same place, then the startup's own popularity."""
    same_category = np.array([startup.category in user.categories for startup in startups])
    same_place = np.array([startup.location == user.location for startup in startups])
    popularity = np.array([1.0 / (1 + row % 7) for row in range(len(startups))])
    return popularity * np.exp(2.5 * same_category + 1.0 * same_place)


def acts_of(
    row: int, user: UserRecord, startups: list[StartupRecord], shape: Shape, rng: np.random.Generator
) -> list[Row]:
    """What one member does, each startup at most once; every fifteenth member does nothing (cold)."""
    if row % 15 == 14:
        return []
    taste = affinities(user, startups)
    moments = sorted(rng.uniform(1, shape.days, size=1 + rng.poisson(shape.acts_per_user)))
    touched: set[int] = set()
    rows: list[Row] = []
    for day in moments:
        moment = START + timedelta(days=float(day))
        free = np.array([n for n, startup in enumerate(startups) if n not in touched and is_open(startup, moment)])
        if not len(free):
            continue
        chosen = int(rng.choice(free, p=taste[free] / taste[free].sum()))
        touched.add(chosen)
        fits = startups[chosen].category in user.categories
        kind = (
            LIKED_KINDS[int(rng.integers(1, len(LIKED_KINDS)))] if fits else ("view", "dislike")[int(rng.integers(2))]
        )
        rows.append((row, chosen, kind, microseconds(moment)))
    return rows + sampled_negatives(rows, touched, startups, shape, rng)


def sampled_negatives(
    acts: list[Row], touched: set[int], startups: list[StartupRecord], shape: Shape, rng: np.random.Generator
) -> list[Row]:
    """Startups that existed at the time of a positive and that the member never touched; each pair once."""
    taken = set(touched)
    rows: list[Row] = []
    for user, _, kind, time in acts:
        if LABELS[kind] == 0.0:
            continue
        moment = datetime.fromtimestamp(time / 1e6, tz=UTC)
        free = [n for n, startup in enumerate(startups) if n not in taken and is_open(startup, moment)]
        drawn = rng.permutation(free)[: shape.negatives_per_positive].astype(int).tolist()
        taken.update(drawn)
        rows.extend((user, startup, SAMPLED_NEGATIVE, time) for startup in drawn)
    return rows


def microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def interactions_from(rows: list[Row]) -> Interactions:
    """Rows as parallel arrays, in order of time."""
    ordered = sorted(rows, key=lambda row: row[3])
    users, startups, kinds, times = zip(*ordered, strict=True) if ordered else ((), (), (), ())
    return Interactions(
        user=np.array(users, dtype=np.int32),
        startup=np.array(startups, dtype=np.int32),
        label=np.array([LABELS[kind] for kind in kinds], dtype=np.float32),
        weight=np.array([WEIGHTS[kind] for kind in kinds], dtype=np.float32),
        kind=np.array([INTERACTION_KINDS.index(kind) for kind in kinds], dtype=np.int8),
        time=np.array(times, dtype=np.int64),
    )


def build_platform(shape: Shape) -> TrainingData:
    rng = np.random.default_rng(shape.seed)
    users = [make_user(row, rng) for row in range(shape.users)]
    startups = [make_startup(row, shape, rng) for row in range(shape.startups)]
    rows = [act for row, user in enumerate(users) for act in acts_of(row, user, startups, shape, rng)]
    return TrainingData(
        users=users,
        startups=startups,
        interactions=interactions_from(rows),
        provenance={"path": "synthetic", "manifest_sha256": "0" * 64},
    )


def write_dataset_files(data: TrainingData, path: Path) -> Path:
    """Write the four files of a dataset, as the platform would."""
    paths = DatasetPaths(pairs=path)
    tables = {
        paths.pairs: pairs_table(data),
        paths.users: users_table(data),
        paths.startups: startups_table(data),
    }
    for file, table in tables.items():
        if file.suffix == ".csv":
            table.write_csv(file, datetime_format="%Y-%m-%dT%H:%M:%S%.6f%:z")
        else:
            table.write_parquet(file)
    pairs, users, startups = (file_entry(file, len(table)) for file, table in tables.items())
    paths.manifest.write_text(manifest_of(data, pairs, users, startups).model_dump_json())
    return path


def pairs_table(data: TrainingData) -> pl.DataFrame:
    rows = data.interactions
    return pl.DataFrame(
        {
            "user_id": [data.users[row].id for row in rows.user],
            "startup_id": [data.startups[row].id for row in rows.startup],
            "label": rows.label,
            "weight": rows.weight,
            "interaction_type": [INTERACTION_KINDS[kind] for kind in rows.kind],
            "event_time": pl.Series(rows.time).cast(pl.Datetime("us", "UTC")),
        }
    )


def users_table(data: TrainingData) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "user_id": user.id,
                "external_id": user.external_id,
                "role": user.role,
                **asdict(user.location),
                "skills": user.skills,
                "categories": user.categories,
                "fields": user.fields,
                "tags": user.tags,
                "stages": user.stages,
                "created_at": START,
                "embedding": None if user.embedding is None else user.embedding.tolist(),
            }
            for user in data.users
        ],
        schema_overrides={
            "external_id": pl.String,
            "created_at": pl.Datetime("us", "UTC"),
            "embedding": pl.Array(pl.Float32, EMBEDDING_DIM),
        },
    )


def startups_table(data: TrainingData) -> pl.DataFrame:
    position = pl.Struct({"title": pl.String, "requirements": pl.String, "is_active": pl.Boolean})
    funding_round = pl.Struct({"announced_on": pl.Date, "kind": pl.String, "amount_usd": pl.Float64})
    return pl.DataFrame(
        [
            {
                "startup_id": startup.id,
                "external_id": startup.external_id,
                "owner_id": startup.owner_id,
                "title": startup.title,
                "type": startup.type,
                "category": startup.category,
                "field": startup.field,
                "phase": startup.phase,
                "stages": startup.stages,
                "tags": startup.tags,
                **asdict(startup.location),
                "status": startup.status,
                "founded_on": startup.founded_on,
                "opened_at": startup.opened_at,
                "closed_at": startup.closed_at,
                "positions": [asdict(position) for position in startup.positions],
                "rounds": [asdict(funding_round) for funding_round in startup.rounds],
                "embedding": None if startup.embedding is None else startup.embedding.tolist(),
            }
            for startup in data.startups
        ],
        schema_overrides={
            "external_id": pl.String,
            "owner_id": pl.String,
            "founded_on": pl.Date,
            "opened_at": pl.Datetime("us", "UTC"),
            "closed_at": pl.Datetime("us", "UTC"),
            "positions": pl.List(position),
            "rounds": pl.List(funding_round),
            "embedding": pl.Array(pl.Float32, EMBEDDING_DIM),
        },
    )


def file_entry(file: Path, rows: int) -> FileEntry:
    content = file.read_bytes()
    return FileEntry(name=file.name, rows=rows, bytes=len(content), sha256=sha256(content).hexdigest())


def manifest_of(data: TrainingData, pairs: FileEntry, users: FileEntry, startups: FileEntry) -> DatasetManifest:
    rows = data.interactions
    sampled = int((rows.kind == INTERACTION_KINDS.index(SAMPLED_NEGATIVE)).sum())
    times = pl.Series(rows.time).cast(pl.Datetime("us", "UTC"))
    return DatasetManifest(
        schema_version=SCHEMA_VERSION,
        created_at=START,
        generator="tests",
        pairs=pairs,
        users=users,
        startups=startups,
        positives=int((rows.label > 0).sum()),
        dislikes=int((rows.label == 0).sum()) - sampled,
        sampled_negatives=sampled,
        window_start=times.min(),
        window_end=times.max(),
        since=None,
        until=None,
        label_policy=LabelPolicy(labels=dict(LABELS), weights=dict(WEIGHTS)),
        negatives=NegativeSampling(per_positive=2, strategy="uniform", seed=0),
        embedding_model=ENCODER,
        embedding_dim=EMBEDDING_DIM,
        users_without_embedding=sum(user.embedding is None for user in data.users),
        startups_without_embedding=sum(startup.embedding is None for startup in data.startups),
    )


@pytest.fixture(scope="session")
def write_dataset() -> Callable[[TrainingData, Path], Path]:
    """Write the four files of a dataset: `write_dataset(platform, tmp_path / "X.csv")` returns the path."""
    return write_dataset_files


@pytest.fixture(scope="session")
def make_platform() -> Callable[..., TrainingData]:
    """Build a platform of another shape: `make_platform(users=200, with_rounds=True, seed=3)`."""
    return lambda **shape: build_platform(Shape(**shape))


@pytest.fixture(scope="session")
def make_interactions() -> Callable[[list[Row]], Interactions]:
    """Build interactions by hand: `make_interactions([(user, startup, "apply", microseconds), ...])`."""
    return interactions_from


@pytest.fixture(scope="session")
def platform() -> TrainingData:
    """60 members, 40 startups, 120 days from 2025-01-01; a natural cut lies at day 90 (2025-04-01)."""
    return build_platform(Shape())


@dataclass(frozen=True, kw_only=True)
class DonePair:
    """What one person's acts towards one startup amount to."""

    user_id: str
    startup_id: str
    outcome: PairOutcome


def activity_of(pairs: Sequence[DonePair], half_life: timedelta) -> list[StartupActivity]:
    """The sums as they are defined, from all acts of a startup at once."""
    found = []
    for startup_id in dict.fromkeys(pair.startup_id for pair in pairs):
        done = [pair.outcome for pair in pairs if pair.startup_id == startup_id]
        latest = max(outcome.event_time for outcome in done)
        found.append(
            StartupActivity(
                startup_id=startup_id,
                interested=sum(outcome.type in INTERESTED for outcome in done),
                worth=sum(outcome.label * 2 ** -((latest - outcome.event_time) / half_life) for outcome in done),
                latest=latest,
            )
        )
    return found


class FakeDatabase:
    """The platform's records in memory, behind the service's database port; `broken` makes every read fail."""

    def __init__(self, data: TrainingData) -> None:
        self.startups = [startup for startup in data.startups if startup.closed_at is None]
        self.users = {record.id: record for record in data.users}
        self.acts = collect_acts(data)
        self.broken: Exception | None = None
        self.version = 0
        self.reads = 0

    def change(self, startups: list[StartupRecord]) -> None:
        """Put another catalogue in place."""
        self.startups, self.version = startups, self.version + 1

    def require_schema(self) -> None:
        self._read()

    def open_startups(self, now: datetime, known: KnownRecords = nothing_known) -> OpenStartups:
        self._read()
        self.reads += 1
        return OpenStartups(
            startups=sorted(self.startups, key=lambda startup: startup.opened_at, reverse=True),
            mark=CatalogueMark(read_at=now, version=str(self.version)),
        )

    def catalogue_changes(self, since: CatalogueMark, known: Collection[str], now: datetime) -> CatalogueChanges | None:
        """Nothing, or everything."""
        self._read()
        if since.version != str(self.version):
            return None
        return CatalogueChanges(startups=(), gone=frozenset(), unusable=frozenset(), mark=since)

    def text_counts(self, now: datetime) -> TextCounts:
        self._read()
        encoders = Counter(startup.encoder for startup in self.startups if startup.encoder is not None)
        return TextCounts(startups=len(self.startups), by_encoder=encoders)

    def recent_activity(self, window: timedelta, half_life: timedelta) -> list[StartupActivity]:
        """Of all time, so that a test says itself what is recent."""
        self._read()
        return activity_of([pair for pair in self.acts if pair.outcome.label > 0], half_life)

    def acts_version(self) -> Hashable:
        self._read()
        return len(self.acts), self.acts[-1] if self.acts else None

    def user_state(self, user_id: str, now: datetime) -> UserState | None:
        self._read()
        if user_id not in self.users:
            return None
        done = sorted((pair for pair in self.acts if pair.user_id == user_id), key=lambda pair: pair.outcome.event_time)
        history = tuple(
            HistoryItem(
                startup_id=pair.startup_id,
                kind=pair.outcome.type.value,
                label=pair.outcome.label,
                time=pair.outcome.event_time,
            )
            for pair in done
        )
        return UserState(record=self.users[user_id], history=history, as_of=now)

    def user_states(self, user_ids: list[str], now: datetime) -> dict[str, UserState]:
        states = {user_id: self.user_state(user_id, now) for user_id in user_ids}
        return {user_id: state for user_id, state in states.items() if state is not None}

    def _read(self) -> None:
        if self.broken is not None:
            raise self.broken


def collect_acts(data: TrainingData) -> list[DonePair]:
    """What people did, without sampled negatives."""
    acts = data.interactions
    return [
        DonePair(
            user_id=data.users[user].id,
            startup_id=data.startups[startup].id,
            outcome=PairOutcome(
                type=InteractionType(INTERACTION_KINDS[kind]),
                label=LABELS[INTERACTION_KINDS[kind]],
                weight=WEIGHTS[INTERACTION_KINDS[kind]],
                event_time=datetime.fromtimestamp(time / 1e6, tz=UTC),
            ),
        )
        for user, startup, kind, time in zip(acts.user, acts.startup, acts.kind, acts.time, strict=True)
        if INTERACTION_KINDS[kind] != SAMPLED_NEGATIVE
    ]


@pytest.fixture
def fake_database(platform: TrainingData) -> FakeDatabase:
    """The synthetic platform behind the service's database port."""
    return FakeDatabase(platform)
