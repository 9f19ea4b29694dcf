"""The request and response types of the recommendation service's HTTP API.

The service's routes answer with these types and the platform's client parses them, so the two cannot drift apart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MIN_LIMIT = 1
MAX_LIMIT = 100
DEFAULT_LIMIT = 20


class Segment(StrEnum):
    """How much the platform knows about a person: the router's input."""

    COLD = "cold"
    WARM = "warm"
    HOT = "hot"


class Rung(StrEnum):
    """The rung of the fallback ladder that an answer stands on, best first."""

    ENSEMBLE = "ensemble"
    TWO_TOWER = "two_tower"
    CONTENT_BASED = "content_based"
    TRENDING = "trending"
    NEWEST = "newest"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Reason(_Message):
    """Why an item is in the list.

    `kind` and `values` are for an auditor (`shared_category`, ["fintech"]); `text` is a sentence for the member.
    """

    kind: str
    values: list[str]
    text: str


class RecommendedStartup(_Message):
    """One place of a list of startups."""

    startup_id: UUID
    rank: int = Field(ge=1, description="1 is the best.")
    score: float = Field(description="Higher is better; comparable within one answer only.")
    reasons: list[Reason] = Field(default_factory=list)


class Recommendations(_Message):
    """Startups for one person."""

    request_id: UUID
    user_id: UUID
    segment: Segment
    rung: Rung
    engine: str
    model_version: str | None = Field(description="None when no learned model took part.")
    degraded: bool = Field(description="True when a rung above the one that answered was due but failed.")
    degraded_reason: str | None = None
    exhausted: bool = Field(description="True when fewer startups than asked for were left.")
    generated_at: AwareDatetime
    items: list[RecommendedStartup]


class SimilarStartups(_Message):
    """Startups like one startup."""

    request_id: UUID
    startup_id: UUID
    engine: str
    model_version: str | None
    degraded: bool
    degraded_reason: str | None = None
    exhausted: bool
    generated_at: AwareDatetime
    items: list[RecommendedStartup]


class ModelStatus(StrEnum):
    """The state of a registered model version."""

    ACTIVE = "active"
    AVAILABLE = "available"
    REFUSED = "refused"
    INVALID = "invalid"


class ModelSummary(_Message):
    """One version in the registry."""

    version: str
    status: ModelStatus
    problem: str | None = Field(default=None, description="Why an invalid or refused version does not serve.")
    created_at: AwareDatetime | None = None
    preset: str | None = None
    metrics: dict[str, float] = Field(default_factory=dict)


class Models(_Message):
    """The registry as the service sees it."""

    serving: str | None = Field(description="The version answering now; None on an honest fallback.")
    active: str | None = Field(description="The version the pointer names.")
    problem: str | None = Field(default=None, description="Why serving differs from active.")
    versions: list[ModelSummary]


class Health(_Message):
    """The process is alive."""

    status: Literal["alive"] = "alive"


class Readiness(_Message):
    """Whether the service can answer, and with what."""

    ready: bool
    rung: Rung | None = Field(description="The best rung it can answer on now.")
    model_version: str | None
    catalogue_size: int
    catalogue_age_seconds: float | None
    problems: list[str]


class Problem(_Message):
    """An error (RFC 9457 problem details), the one shape of every 4xx and 5xx."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = None
    request_id: UUID | None = None
