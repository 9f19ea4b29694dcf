"""The deployment's settings: the only place of the service that reads the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import AnyHttpUrl, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from contracts.access import DEVELOPMENT_KEY, DEVELOPMENT_KEY_ID, require_usable_keys
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.services.circuit_breaker import BreakerConfig
from recommendation_service.services.registered_models import MODELS_FOLDER
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.user_states import UserReadConfig

REPOSITORY = Path(__file__).resolve().parents[1]
SECRETS = frozenset({"database_url", "service_keys", "vector_store_key"})
"""Settings whose values are never shown."""


class Settings(BaseSettings):
    """Each field is an environment variable of the same name in capitals.

    `DATABASE_URL` is the platform's own, so that both houses read the same records.
    """

    model_config = SettingsConfigDict(frozen=True)

    launchmatch_production: bool = Field(default=False, description="Refuse what is only good for development.")
    database_url: str = f"sqlite:///{REPOSITORY / 'var' / 'launchmatch.sqlite3'}"
    database_timeout_seconds: float = Field(
        default=0.05, gt=0, le=60, description="The longest a request waits for the person it is about."
    )
    members_timeout_seconds: float = Field(
        default=0.25, gt=0, le=60, description="The longest a list of people waits for the last look at who is in it."
    )
    database_pool_size: int = Field(default=8, ge=1, le=200, description="People read at the same time.")
    database_failures_to_open: int = Field(
        default=5, ge=1, le=1000, description="Failed reads in a row after which the database is left alone."
    )
    database_reset_seconds: float = Field(
        default=1.0, gt=0, le=3600, description="How long it is left alone before one read tries again."
    )
    remembered_people: int = Field(
        default=2000, ge=1, le=1_000_000, description="People whose last known state may stand in."
    )
    remembered_seconds: float = Field(default=900.0, gt=0, le=86_400, description="How long it may stand in.")
    models_dir: Path = MODELS_FOLDER
    state_dir: Path = Field(
        default=REPOSITORY / "var" / "recommendation_service",
        description="Where workers of one machine keep what they share and may lose.",
    )
    enable_two_tower: bool = True
    service_host: str = "127.0.0.1"
    service_port: int = Field(default=5001, ge=1, le=65535)
    service_keys: dict[str, str] = Field(
        default={DEVELOPMENT_KEY_ID: DEVELOPMENT_KEY},
        description="A JSON object of key id and key: each is accepted, the first signs. The platform must know one.",
    )
    workers: int = Field(default=1, ge=1, le=64, description="Processes, each with its own memory and counts.")
    threads: int = Field(default=4, ge=1, le=200, description="Requests that a worker answers at the same time.")
    waiting_requests: int = Field(
        default=64, ge=0, le=10_000, description="Requests that wait for a thread; more are turned away at once."
    )
    waiting_seconds: float = Field(default=1.0, gt=0, le=60, description="The longest a request waits for a thread.")
    body_seconds: float = Field(default=20.0, gt=0, le=600, description="The longest a body takes to come.")
    stop_seconds: int = Field(
        default=20, ge=1, le=600, description="How long requests may take to end after the service was told to stop."
    )
    requests_per_second: float = Field(
        default=20.0, gt=0, le=1_000_000, description="What one member or operator may ask of a worker for ever."
    )
    requests_burst: int = Field(default=100, ge=1, le=1_000_000, description="And at once, after a pause.")
    warm_from: int = Field(default=5, ge=1)
    hot_above: int = Field(default=20, ge=1)
    hnsw_from: int | None = Field(
        default=None,
        ge=1,
        description="From so many startups on, the vectors of profile and id towers are searched by a graph.",
    )
    vector_store_url: AnyHttpUrl | None = Field(
        default=None, description="A Qdrant server that large catalogues are searched in; none searches in memory."
    )
    vector_store_key: str | None = Field(default=None, description="Its API key.")
    vector_store_from: int = Field(default=100_000, ge=1, description="From so many startups on it is used.")
    refresh_seconds: float = Field(
        default=2.0, gt=0, le=3600, description="How often the platform and the models are looked at for changes."
    )

    @field_validator("service_keys")
    @classmethod
    def _keys_are_usable(cls, keys: dict[str, str]) -> dict[str, str]:
        require_usable_keys(keys)
        return keys

    @model_validator(mode="after")
    def _development_key_stays_at_home(self) -> Self:
        """Everybody knows it, so it protects nothing that others can reach."""
        if DEVELOPMENT_KEY not in self.service_keys.values():
            return self
        if self.launchmatch_production:
            raise ValueError(
                "SERVICE_KEYS is not set; production needs a key of its own, the same for both houses: "
                '{"2026-01": "48 random characters"}'
            )
        if not is_loopback(self.service_host):
            raise ValueError(
                f"SERVICE_HOST={self.service_host!r} can be reached by others, which needs a key of its own: "
                "set SERVICE_KEYS, the same for both houses"
            )
        return self

    @model_validator(mode="after")
    def _vector_store_key_is_not_sent_in_the_clear(self) -> Self:
        url = self.vector_store_url
        if self.vector_store_key and url and url.scheme == "http" and not is_loopback(url.host or ""):
            raise ValueError(f"VECTOR_STORE_URL={str(url)!r} would send VECTOR_STORE_KEY in the clear; use https")
        return self

    def user_read_config(self) -> UserReadConfig:
        """How requests read the person they are about.

        Raises:
            ConfigError: If the values do not go together.
        """
        return UserReadConfig(
            deadline=timedelta(seconds=self.database_timeout_seconds),
            readers=self.database_pool_size,
            remembered=self.remembered_people,
            remembered_for=timedelta(seconds=self.remembered_seconds),
            breaker=BreakerConfig(
                failures_to_open=self.database_failures_to_open, reset_seconds=self.database_reset_seconds
            ),
        )

    def serving_options(self) -> ServingOptions:
        """What the services need of these.

        Raises:
            ConfigError: If the values do not go together.
        """
        return ServingOptions(
            routing=RoutingPolicy(warm_from=self.warm_from, hot_above=self.hot_above),
            refresh_interval=timedelta(seconds=self.refresh_seconds),
        )


def read_settings() -> Settings:
    """The settings of this process's environment.

    Raises:
        ConfigError: Naming each variable that cannot be used, with its value unless that is a secret.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigError("; ".join(_described(problem["loc"], problem) for problem in error.errors())) from error
    except SettingsError as error:
        raise ConfigError('SERVICE_KEYS must be a JSON object like {"2026-01": "48 random characters"}') from error


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there; a name other than localhost is taken to be reachable."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _described(place: Sequence[int | str], problem: Mapping[str, Any]) -> str:
    """One variable's problem; one of all together has no place."""
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not place:
        return message
    name = str(place[0])
    return f"{name.upper()}: {message}" if name in SECRETS else f"{name.upper()}={problem['input']!r}: {message}"
