"""From raw records to the towers' inputs, one path for training and serving.

A row is the text embedding followed by profile features:

    user     512 = 384 text + 128 (missing-text flag, role, categories, fields, tags, stages, skills, location)
    startup  468 = 384 text +  84 (missing-text flag, position counts, type, category, field, phase, stages, tags,
                                   position titles, location)

Each vocabulary has its own out-of-vocabulary slot; what is unknown about an entity is zeros. The fitted state is plain
data that travels in the model file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from recommendation_service.engines.config_json import override, to_dict
from recommendation_service.engines.entity_encoding import Amount, EntityEncoder, RecordT, Values
from recommendation_service.engines.errors import ConfigError, ModelFileError
from recommendation_service.engines.feature_config import FeatureConfig, StartupSlots, UserSlots
from recommendation_service.engines.types import Position, StartupRecord, UserRecord
from recommendation_service.engines.vocabulary import Vocabulary

FEATURE_VERSION = 1
"""Raised when the same records and state would give other arrays."""


class FeatureEncoder:
    """Both entities' encoders, fitted on the entities of the training window."""

    def __init__(
        self,
        config: FeatureConfig,
        *,
        user_vocabularies: Mapping[str, Vocabulary],
        startup_vocabularies: Mapping[str, Vocabulary],
    ) -> None:
        self.config = config
        self.users = EntityEncoder(
            text_width=config.text, amounts=(), groups=USER_GROUPS, vocabularies=user_vocabularies
        )
        self.startups = EntityEncoder(
            text_width=config.text, amounts=STARTUP_AMOUNTS, groups=STARTUP_GROUPS, vocabularies=startup_vocabularies
        )

    @classmethod
    def fit(cls, config: FeatureConfig, users: Sequence[UserRecord], startups: Sequence[StartupRecord]) -> Self:
        """Learn the vocabularies; pass only entities that training may know of."""
        return cls(
            config,
            user_vocabularies=_fit_vocabularies(USER_GROUPS, users, config.user),
            startup_vocabularies=_fit_vocabularies(STARTUP_GROUPS, startups, config.startup),
        )

    def to_dict(self) -> dict[str, Any]:
        """The fitted state as JSON data."""
        return {
            "version": FEATURE_VERSION,
            "config": to_dict(self.config),
            "users": {name: list(vocabulary.values) for name, vocabulary in self.users.vocabularies.items()},
            "startups": {name: list(vocabulary.values) for name, vocabulary in self.startups.vocabularies.items()},
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The encoder that `to_dict` described.

        Raises:
            ModelFileError: If the state is not one that this code understands.
        """
        if state.get("version") != FEATURE_VERSION:
            raise ModelFileError(
                f"feature version {state.get('version')!r} is not {FEATURE_VERSION}; train a new model"
            )
        try:
            config = override(FeatureConfig(), state["config"])
            users = _load_vocabularies(USER_GROUPS, state["users"], config.user)
            startups = _load_vocabularies(STARTUP_GROUPS, state["startups"], config.startup)
        except (ConfigError, KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"the feature state is incomplete or damaged: {error!r}") from error
        return cls(config, user_vocabularies=users, startup_vocabularies=startups)

    @property
    def schema_hash(self) -> str:
        """SHA-256 of the state: equal hashes give equal arrays for equal records."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _title_words(positions: Iterable[Position]) -> Iterable[str]:
    return (word for position in positions for word in re.findall(r"\w+", position.title))


USER_GROUPS: Mapping[str, Values[UserRecord]] = {
    "role": lambda user: (user.role,),
    "categories": lambda user: user.categories,
    "fields": lambda user: user.fields,
    "tags": lambda user: user.tags,
    "stages": lambda user: user.stages,
    "skills": lambda user: user.skills,
    "country": lambda user: (user.location.country,),
    "state": lambda user: (user.location.state,),
    "region": lambda user: (user.location.region,),
    "city": lambda user: (user.location.city,),
}
STARTUP_AMOUNTS: Sequence[Amount[StartupRecord]] = (
    lambda startup: np.log1p(len(startup.positions)),
    lambda startup: np.log1p(sum(position.is_active for position in startup.positions)),
)
STARTUP_GROUPS: Mapping[str, Values[StartupRecord]] = {
    "type": lambda startup: (startup.type,),
    "category": lambda startup: (startup.category,),
    "field": lambda startup: (startup.field,),
    "phase": lambda startup: (startup.phase,),
    "stages": lambda startup: startup.stages,
    "tags": lambda startup: startup.tags,
    "position_titles": lambda startup: _title_words(startup.positions),
    "country": lambda startup: (startup.location.country,),
    "state": lambda startup: (startup.location.state,),
    "region": lambda startup: (startup.location.region,),
    "city": lambda startup: (startup.location.city,),
}


def _fit_vocabularies(
    groups: Mapping[str, Values[RecordT]], records: Sequence[RecordT], slots: UserSlots | StartupSlots
) -> dict[str, Vocabulary]:
    return {
        name: Vocabulary.fit((values(record) for record in records), getattr(slots, name))
        for name, values in groups.items()
    }


def _load_vocabularies(
    groups: Iterable[str], values: Mapping[str, Sequence[str]], slots: UserSlots | StartupSlots
) -> dict[str, Vocabulary]:
    return {name: Vocabulary(values[name], getattr(slots, name)) for name in groups}
