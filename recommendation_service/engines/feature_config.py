"""The widths of the tower inputs, group by group."""

from __future__ import annotations

from dataclasses import dataclass, fields

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.config_checks import require


def _require_slots(slots: UserSlots | StartupSlots, flags: tuple[str, ...]) -> None:
    for slot in fields(slots):
        width = getattr(slots, slot.name)
        if slot.name in flags:
            require(width == 1, f"features: {slot.name} is a single number, its width must be 1, got {width}")
        else:
            require(width >= 1, f"features: {slot.name} needs at least its out-of-vocabulary slot, got {width}")


def _require_sum(name: str, slots: UserSlots | StartupSlots, total_name: str, total: int) -> None:
    actual = sum(getattr(slots, slot.name) for slot in fields(slots))
    require(
        actual == total,
        f"the widths in {name} add up to {actual}, but {total_name} says {total}; change one of the two",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSlots:
    """Width of each group of a user's profile features.

    A group of n slots holds its n - 1 most frequent values and one slot for all others; `embedding_missing` is a flag.
    """

    embedding_missing: int = 1
    role: int = 4
    categories: int = 24
    fields: int = 12
    tags: int = 16
    stages: int = 8
    skills: int = 19
    country: int = 12
    state: int = 12
    region: int = 10
    city: int = 10

    def __post_init__(self) -> None:
        _require_slots(self, flags=("embedding_missing",))


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupSlots:
    """Width of each group of a startup's profile features.

    As in `UserSlots`; `position_count` and `active_position_count` are one number each, not vocabularies.
    """

    embedding_missing: int = 1
    position_count: int = 1
    active_position_count: int = 1
    type: int = 3
    category: int = 20
    field: int = 6
    phase: int = 6
    stages: int = 6
    tags: int = 6
    position_titles: int = 4
    country: int = 8
    state: int = 8
    region: int = 7
    city: int = 7

    def __post_init__(self) -> None:
        _require_slots(self, flags=("embedding_missing", "position_count", "active_position_count"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureConfig:
    """The tower inputs: a text embedding followed by profile features of a stated width.

    Attributes:
        text: Width of the text embedding.
        user_profile: What the widths of `user` must add up to.
        startup_profile: What the widths of `startup` must add up to.
    """

    text: int = EMBEDDING_DIM
    user_profile: int = 128
    startup_profile: int = 84
    user: UserSlots = UserSlots()
    startup: StartupSlots = StartupSlots()

    def __post_init__(self) -> None:
        require(self.text >= 1, f"features.text must be at least 1, got {self.text}")
        _require_sum("features.user", self.user, "features.user_profile", self.user_profile)
        _require_sum("features.startup", self.startup, "features.startup_profile", self.startup_profile)

    @property
    def user_width(self) -> int:
        """Width of the user tower's input."""
        return self.text + self.user_profile

    @property
    def startup_width(self) -> int:
        """Width of the startup tower's input."""
        return self.text + self.startup_profile
