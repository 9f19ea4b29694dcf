"""The dataset files that the platform writes and the recommendation service reads.

A dataset `X.csv` (or `X.parquet`) is four files, normalised so that nothing is written twice:

    X.csv              one row per (user, startup) pair         PAIR_COLUMNS
    X.users.parquet    each user's raw features once            USER_COLUMNS
    X.startups.parquet each startup's raw features once         STARTUP_COLUMNS
    X.manifest.json    written last: what the others must be    DatasetManifest

What lacks a valid manifest is not a dataset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from pydantic import AwareDatetime, BaseModel, ConfigDict

SCHEMA_VERSION = 1
EMBEDDING_DIM = 384

PAIR_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "user_id": "str",
        "startup_id": "str",
        "label": "float32",
        "weight": "float32",
        "interaction_type": "str",
        "event_time": "datetime[us, UTC]",
    }
)
"""In CSV `event_time` is ISO 8601 with microseconds and `+00:00`. A sampled negative has the time of its positive."""

USER_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "user_id": "str",
        "external_id": "str?",
        "role": "str",
        "country": "str",
        "state": "str",
        "region": "str",
        "city": "str",
        "skills": "list[str]",
        "categories": "list[str]",
        "fields": "list[str]",
        "tags": "list[str]",
        "stages": "list[str]",
        "created_at": "datetime[us, UTC]",
        "embedding": f"array[float32, {EMBEDDING_DIM}]?",
    }
)

STARTUP_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "startup_id": "str",
        "external_id": "str?",
        "owner_id": "str?",
        "title": "str",
        "type": "str",
        "category": "str",
        "field": "str",
        "phase": "str",
        "stages": "list[str]",
        "tags": "list[str]",
        "country": "str",
        "state": "str",
        "region": "str",
        "city": "str",
        "status": "str",
        "founded_on": "date?",
        "opened_at": "datetime[us, UTC]",
        "closed_at": "datetime[us, UTC]?",
        "positions": "list[struct{title: str, requirements: str, is_active: bool}]",
        "rounds": "list[struct{announced_on: date, kind: str, amount_usd: float64?}]",
        "embedding": f"array[float32, {EMBEDDING_DIM}]?",
    }
)
"""Types ending in `?` may be null. Unknown text is the empty string, an empty list is `[]`, never null.

`rounds` lists funding rounds in order of date: a reader may look only at those before the moment it ranks for.
"""


@dataclass(frozen=True, slots=True)
class DatasetPaths:
    """The four files of a dataset, named after its pairs file.

    Raises:
        ValueError: If `pairs` ends in neither `.csv` nor `.parquet`.
    """

    pairs: Path

    def __post_init__(self) -> None:
        if self.pairs.suffix not in {".csv", ".parquet"}:
            raise ValueError(f"a dataset file ends in .csv or .parquet, not {self.pairs.name!r}")

    @property
    def users(self) -> Path:
        """Parquet of USER_COLUMNS."""
        return self.pairs.with_suffix(".users.parquet")

    @property
    def startups(self) -> Path:
        """Parquet of STARTUP_COLUMNS."""
        return self.pairs.with_suffix(".startups.parquet")

    @property
    def manifest(self) -> Path:
        """JSON of DatasetManifest, written last."""
        return self.pairs.with_suffix(".manifest.json")


class FileEntry(BaseModel):
    """What one file of the dataset must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    rows: int
    bytes: int
    sha256: str


class LabelPolicy(BaseModel):
    """The labels and weights that the rows were written with, by interaction type."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: dict[str, float]
    weights: dict[str, float]


class NegativeSampling(BaseModel):
    """How the sampled negatives were drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_positive: int
    strategy: str
    seed: int


class DatasetManifest(BaseModel):
    """The description of a dataset, and the proof that its files are whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int
    created_at: AwareDatetime
    generator: str
    pairs: FileEntry
    users: FileEntry
    startups: FileEntry
    positives: int
    dislikes: int
    sampled_negatives: int
    window_start: AwareDatetime | None
    window_end: AwareDatetime | None
    since: AwareDatetime | None
    until: AwareDatetime | None
    label_policy: LabelPolicy
    negatives: NegativeSampling
    embedding_model: str | None
    embedding_dim: int
    users_without_embedding: int
    startups_without_embedding: int


def timestamped_name(prefix: str, now: datetime) -> str:
    """The file name of a dataset for which none was given, e.g. `two_tower_20260131T235959Z.csv` (UTC)."""
    return f"{prefix}_{now:%Y%m%dT%H%M%SZ}.csv"
