"""The deployment's settings: the only place of the service that reads the environment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.services.registered_models import MODELS_FOLDER
from recommendation_service.services.serving_options import ServingOptions

REPOSITORY = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """Each field is an environment variable of the same name in capitals.

    `DATABASE_URL` is the platform's own, so that both houses read the same records.
    """

    model_config = SettingsConfigDict(frozen=True)

    database_url: str = f"sqlite:///{REPOSITORY / 'var' / 'launchmatch.sqlite3'}"
    database_timeout_seconds: float = Field(
        default=1.0, gt=0, le=60, description="The longest a request waits for the database."
    )
    database_pool_size: int = Field(default=8, ge=1, le=200)
    models_dir: Path = MODELS_FOLDER
    enable_two_tower: bool = True
    service_host: str = "127.0.0.1"
    service_port: int = Field(default=5001, ge=1, le=65535)
    threads: int = Field(default=4, ge=1, le=200, description="Requests answered at the same time.")
    warm_from: int = Field(default=5, ge=1)
    hot_above: int = Field(default=20, ge=1)
    refresh_seconds: float = Field(
        default=2.0, gt=0, le=3600, description="How often the platform and the models are looked at for changes."
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
        ConfigError: Naming each variable that cannot be used, with its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = (
            f"{str(problem['loc'][0]).upper()}={problem['input']!r}: {problem['msg']}" for problem in error.errors()
        )
        raise ConfigError("; ".join(problems)) from error
