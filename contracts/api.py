"""The request and response types of the recommendation service's HTTP API.

The service's routes answer with these types and the platform's client parses them, so the two cannot drift apart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

MIN_LIMIT = 1
MAX_LIMIT = 100
DEFAULT_LIMIT = 20
MAX_EXCLUDED = 100
"""Of an address, which cannot hold many."""
MAX_EXCLUDED_PEOPLE = 10_000
"""Of a body: whom a startup invited, and who applied, over years."""
MAX_TERM_LENGTH = 80
MAX_PAIRS = 1000
MAX_BATCH_USERS = 1000
MAX_HINTED_STARTUPS = 1000
MAX_REASON_LENGTH = 500


class Segment(StrEnum):
    """How much the platform knows about a person, the router's input; or about a startup, by who acted on it."""

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


def _whole(value: object) -> object:
    """JSON has one number 20, whether it is written 20 or 20.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Limit = Annotated[int, Field(ge=MIN_LIMIT, le=MAX_LIMIT), BeforeValidator(_whole)]
"""How many places a list has."""
Term = Annotated[str, Field(min_length=1, max_length=MAX_TERM_LENGTH, pattern=r"\S")]
"""A term of the platform, with something in it besides spaces."""


class StartupFilters(_Message):
    """Which startups a list is drawn from; what is left out does not restrict. Terms are compared as the platform does.

    A filter narrows the catalogue before the best are picked, so that a page is never short for its sake.
    """

    type: Term | None = None
    category: Term | None = None
    field: Term | None = None
    phase: Term | None = None
    stage: Term | None = None
    tag: Term | None = None
    has_open_positions: bool | None = None
    created_after: AwareDatetime | None = Field(default=None, description="Open to members since later than this.")


class RecommendedStartup(_Message):
    """One place of a list of startups."""

    startup_id: UUID
    rank: int = Field(ge=1, description="1 is the best; goes on counting from page to page.")
    score: float = Field(description="Higher is better; comparable within one answer only.")
    reasons: list[Reason] = Field(default_factory=list)


class RecommendedPerson(_Message):
    """One place of a list of people."""

    user_id: UUID
    rank: int = Field(ge=1, description="1 is the best.")
    score: float = Field(description="How well the person fits the startup; comparable within one answer only.")
    mutual_score: float = Field(
        ge=0, le=1, description="How high each stands in the other's list, both directions combined; the list's order."
    )
    reasons: list[Reason] = Field(default_factory=list)


class _ListAnswer(_Message):
    """What every list says of itself."""

    request_id: UUID
    segment: Segment
    rung: Rung
    engine: str
    model_version: str | None = Field(description="None when no learned model took part.")
    degraded: bool = Field(description="True when something better was due but failed.")
    degraded_reason: str | None = None
    exhausted: bool = Field(description="True when nothing is left beyond this list.")
    generated_at: AwareDatetime


class Recommendations(_ListAnswer):
    """Startups for one person. All pages of one list carry the same request id."""

    user_id: UUID
    items: list[RecommendedStartup]
    next_cursor: str | None = Field(
        default=None, description="Where the next page of this very list begins; None when there is none."
    )


class SimilarStartups(_ListAnswer):
    """Startups like one startup."""

    startup_id: UUID
    items: list[RecommendedStartup]


class RecommendedPeople(_ListAnswer):
    """People for one startup: only members who are active and let themselves be found."""

    startup_id: UUID
    items: list[RecommendedPerson]


class PeopleQuestion(_Message):
    """Which people are asked for, where those who must not be among them are too many for an address."""

    limit: Limit = DEFAULT_LIMIT
    role: Term | None = Field(default=None, description="Only people of this role.")
    exclude: list[UUID] = Field(default_factory=list, max_length=MAX_EXCLUDED_PEOPLE)
    explain: bool = True


class Pair(_Message):
    """A person and a startup."""

    user_id: UUID
    startup_id: UUID


class PairsToScore(_Message):
    """Pairs whose scores are asked for."""

    pairs: list[Pair] = Field(min_length=1, max_length=MAX_PAIRS)


class PairScore(_Message):
    """What an engine thinks of one pair; no score where a side is unknown or the engine has nothing to say."""

    user_id: UUID
    startup_id: UUID
    score: float | None
    engine: str | None
    problem: str | None = None


class PairScores(_Message):
    """Scores in the order of the pairs asked for; comparable between startups of one person only."""

    request_id: UUID
    model_version: str | None
    degraded: bool
    degraded_reason: str | None = None
    generated_at: AwareDatetime
    scores: list[PairScore]


class BatchRequest(_Message):
    """People whose lists are wanted at once. The answer is a stream of JSON Lines, each a `BatchLine`."""

    user_ids: list[UUID] = Field(min_length=1, max_length=MAX_BATCH_USERS)
    limit: Limit = DEFAULT_LIMIT
    filters: StartupFilters = StartupFilters()
    explain: bool = False


class BatchLine(_Message):
    """One person's list, or why there is none."""

    user_id: UUID
    recommendations: Recommendations | None = None
    problem: str | None = None


class RefreshHint(_Message):
    """Look at the platform now rather than at the next poll, because these startups (or unnamed ones) changed."""

    startup_ids: list[UUID] = Field(default_factory=list, max_length=MAX_HINTED_STARTUPS)


class RefreshAccepted(_Message):
    """The hint was taken; the change shows within moments."""

    accepted: Literal[True] = True


class RungInspection(_Message):
    """What one rung would show a person, whether or not it is due."""

    rung: Rung
    engine: str | None
    model_version: str | None
    problem: str | None = Field(default=None, description="Why it has nothing to show.")
    items: list[RecommendedStartup]


class Withheld(_Message):
    """Startups that a rule keeps from a person."""

    rule: str
    startup_ids: list[UUID]


class HistoryEntry(_Message):
    """What a person's acts towards one startup amount to, as the engines see it."""

    startup_id: UUID
    type: str
    label: float
    occurred_at: AwareDatetime


class Inspection(_Message):
    """Everything behind one person's list, for an engineer."""

    request_id: UUID
    user_id: UUID
    segment: Segment
    route: list[Rung] = Field(description="The rungs that are tried, in order.")
    rungs: list[RungInspection]
    withheld: list[Withheld]
    history: list[HistoryEntry] = Field(description="Latest first.")
    generated_at: AwareDatetime


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
    encoder: str | None = Field(default=None, description="What made the texts it was trained on; null: unknown.")
    preset: str | None = None
    metrics: dict[str, float] = Field(default_factory=dict)


class Models(_Message):
    """The registry as the service sees it."""

    serving: str | None = Field(description="The version answering now; None on an honest fallback.")
    active: str | None = Field(description="The version the pointer names.")
    problem: str | None = Field(default=None, description="Why serving differs from active.")
    versions: list[ModelSummary]


class ModelAction(_Message):
    """Why an engineer changes what serves; kept in the log."""

    reason: str = Field(min_length=1, max_length=MAX_REASON_LENGTH)


class Activation(ModelAction):
    """Why a version is to serve."""

    force: bool = Field(default=False, description="Activate a version that its own training refused.")


class Rollback(ModelAction):
    """Why the version before is to serve again."""

    active: str | None = Field(
        default=None,
        max_length=MAX_TERM_LENGTH,
        description="The version that was active when this was decided, empty for none: refused if another is by now. "
        "Left out, it goes back from whichever is.",
    )


class ModelChange(_Message):
    """What was asked of the registry, and what holds now."""

    active: str | None = Field(description="The version the pointer names now.")
    previous: str | None = Field(description="The version it named before.")
    serving: str | None = Field(description="The version answering now; it follows the pointer within moments.")


class ModelValidation(_Message):
    """Whether a version could serve: its file, its description, its weights, and its scores of the open catalogue."""

    version: str
    valid: bool
    problem: str | None = None
    warning: str | None = Field(default=None, description="What it could serve, but would not see.")
    seconds: float


class Latency(_Message):
    """Percentiles of an endpoint's or a stage's time since the start, in milliseconds."""

    name: str
    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class BreakerState(StrEnum):
    """A circuit breaker's state: closed lets calls through, open refuses them, half-open lets one try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class ServiceStatus(_Message):
    """What one worker of the service did since it started, for the engineer's console."""

    serving: str | None
    serving_since: AwareDatetime | None
    catalogue_size: int
    catalogue_age_seconds: float | None
    answers: int
    answers_by_rung: dict[str, int]
    degraded_answers: int
    responses_by_status: dict[str, int] = Field(description="By class of status: 2xx, 4xx, 5xx.")
    latencies: list[Latency]
    breakers: dict[str, BreakerState]
    problems: list[str]
    started_at: AwareDatetime


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
