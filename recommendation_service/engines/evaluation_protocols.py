"""Published splits by name, so that figures can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from recommendation_service.engines.catalogue_policy import FUNDED
from recommendation_service.engines.config_json import unknown_name
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.splitting import TemporalSplit


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationProtocol:
    """Where time is cut, and which startups are ranked.

    Attributes:
        split: Cuts of time.
        policy: Name of the catalogue policy.
    """

    split: TemporalSplit
    policy: str


CB2013 = EvaluationProtocol(
    split=TemporalSplit(validation_from=datetime(2012, 1, 1, tzinfo=UTC), train_until=datetime(2012, 7, 1, tzinfo=UTC)),
    policy=FUNDED.name,
)
"""Crunchbase's export of October 2013: companies that raised money or found an investor from July 2012 on."""

PROTOCOLS: Mapping[str, EvaluationProtocol] = MappingProxyType({"cb2013": CB2013})


def find_protocol(name: str) -> EvaluationProtocol:
    """The protocol of that name.

    Raises:
        ConfigError: If there is none.
    """
    if name not in PROTOCOLS:
        raise ConfigError(unknown_name("protocol", name, name, PROTOCOLS))
    return PROTOCOLS[name]
