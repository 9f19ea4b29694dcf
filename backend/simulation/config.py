"""How large the simulated platform is, and how its people behave."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

DEFAULT_UNTIL = date(2026, 1, 1)
EARLIEST_START = date(1970, 1, 1)
"""Time itself ends some way before it, and whoever joined before the first day needs room."""


MAX_PAIRS = 1_000_000_000
"""Of a person and a startup: what was seen and the truth of each take 18 bytes."""


class SimulationError(ValueError):
    """A platform that cannot be simulated as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AffinityConfig:
    """What draws a person to a startup, in units of the logit; each match adds its weight times its strength.

    Attributes:
        intercept: Of a person and a startup with nothing in common.
        quality: Per standard deviation of a startup's general appeal.
        residual: Standard deviation of what no attribute explains.
    """

    intercept: float = -7.3
    category: float = 3.5
    field: float = 1.0
    tag: float = 0.4
    kind: float = 2.0
    stage: float = 1.6
    skill: float = 1.4
    country: float = 0.6
    city: float = 2.0
    style: float = 0.5
    quality: float = 0.6
    residual: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedConfig:
    """How startups come before people's eyes.

    Attributes:
        page: Startups shown per visit.
        taste: Share of places filled by search and browsing, which follow the person's taste.
        popular: Share filled by what many people acted on lately.
        newest: Share filled by what opened lately.
        random: Share filled at random.
        sharpness: How strongly search and browsing follow the taste; 0 is not at all.
        newest_days: Mean age of what the newest list shows.
        seen_again: Weight of a startup the person has opened before.
        position_decay: A person looks at place k with probability k to minus this power.
    """

    page: int = 10
    taste: float = 0.65
    popular: float = 0.15
    newest: float = 0.1
    random: float = 0.1
    sharpness: float = 1.1
    newest_days: float = 5.0
    seen_again: float = 0.1
    position_decay: float = 0.3

    def __post_init__(self) -> None:
        if abs(self.taste + self.popular + self.newest + self.random - 1.0) > 1e-9:
            raise SimulationError("the feed's shares taste, popular, newest and random must add up to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelConfig:
    """How far a person goes with a startup they look at: offsets added to the affinity before the logistic function.

    Attributes:
        view: Opening it.
        click: Going on to its details.
        like: Liking it, after the click.
        favorite: Keeping it, after the click.
        act: Applying or stating interest, after the click.
        dislike: Disliking it, after the view: the affinity counts negatively.
        repeat: Share of clicks recorded twice.
        undo: Share of likes and favorites taken back later.
    """

    view: float = 0.5
    click: float = 0.0
    like: float = -2.2
    favorite: float = -3.2
    act: float = -3.0
    dislike: float = -4.0
    repeat: float = 0.01
    undo: float = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviourConfig:
    """Everything about behaviour.

    Attributes:
        visits_per_week: Median over the members who come at all.
        visits_spread: Standard deviation of the visits' logarithm.
        silent: Share of members who never act.
        drifting: Share of members with several interests whose weakest one moves to another category by the end.
        there_at_start: Share of startups that are open on the first day.
        closing: Share of startups that close before the end.
        members_at_start: Share of members who joined before the first day.
    """

    affinity: AffinityConfig = field(default_factory=AffinityConfig)
    feed: FeedConfig = field(default_factory=FeedConfig)
    funnel: FunnelConfig = field(default_factory=FunnelConfig)
    visits_per_week: float = 1.5
    visits_spread: float = 0.8
    silent: float = 0.05
    drifting: float = 0.25
    there_at_start: float = 0.5
    closing: float = 0.06
    members_at_start: float = 0.7


@dataclass(frozen=True, kw_only=True)
class SimulationConfig:
    """One simulated platform; equal configurations give equal platforms.

    Attributes:
        users: Members.
        startups: Startups.
        days: Days of behaviour.
        seed: Of everything drawn.
        until: The day after the last day of behaviour.
    """

    users: int
    startups: int
    days: int
    seed: int
    until: date = DEFAULT_UNTIL
    behaviour: BehaviourConfig = field(default_factory=BehaviourConfig)

    def __post_init__(self) -> None:
        for name, least in (("users", 10), ("startups", 20), ("days", 10), ("seed", 0)):
            if getattr(self, name) < least:
                raise SimulationError(f"--{name} must be at least {least}, got {getattr(self, name)}")
        self._require_room()
        if self.days > (self.until - EARLIEST_START).days:
            raise SimulationError(
                f"--days {self.days} before --until {self.until} must not reach back beyond {EARLIEST_START}"
            )

    def _require_room(self) -> None:
        if self.users * self.startups > MAX_PAIRS:
            raise SimulationError(
                f"--users {self.users} with --startups {self.startups} are more than {MAX_PAIRS:,} pairs, which are "
                f"held in memory; ask for at most {MAX_PAIRS // self.startups:,} users, or for fewer startups"
            )

    @property
    def start(self) -> datetime:
        """The first moment of behaviour."""
        return datetime.combine(self.until, time(), tzinfo=UTC) - timedelta(days=self.days)

    def moment(self, day: float) -> datetime:
        """The moment that lies `day` days after the first one, to the second."""
        return self.start + timedelta(seconds=round(day * 86_400))

    @cached_property
    def prefix(self) -> str:
        """What the external ids of this platform start with: its seed and a digest of its configuration."""
        settings = json.dumps(asdict(self), default=str, sort_keys=True)
        return f"sim-{self.seed}-{hashlib.sha256(settings.encode()).hexdigest()[:8]}"
