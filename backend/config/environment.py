"""The deployment's settings: the only place that reads the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from django.core.exceptions import ImproperlyConfigured
from pydantic import AfterValidator, Field, HttpUrl, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from contracts.access import DEVELOPMENT_KEY, DEVELOPMENT_KEY_ID, require_usable_keys

REPOSITORY = Path(__file__).resolve().parents[2]
DEVELOPMENT_SECRET_KEY = "development-only-key-refused-in-production"  # nosec B105 # noqa: S105 - refused

SECRETS = frozenset({"secret_key", "database_url", "recommendation_service_keys", "email_password"})
"""Settings whose values are never shown."""
_WRITTEN_AS_JSON = {
    "allowed_hosts": 'a JSON list like ["launchmatch.example"]',
    "recommendation_service_keys": 'a JSON object like {"2026-01": "48 random characters"}',
}


def _usable(keys: dict[str, str]) -> dict[str, str]:
    require_usable_keys(keys)
    return keys


class Environment(BaseSettings):
    """Each field is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True)

    launchmatch_production: bool = False
    secret_key: str = DEVELOPMENT_SECRET_KEY
    allowed_hosts: list[str] = Field(default=["localhost", "127.0.0.1", "[::1]"], description="A JSON list.")
    database_url: str = f"sqlite:///{REPOSITORY / 'var' / 'launchmatch.sqlite3'}"
    recommendation_service_url: HttpUrl = HttpUrl("http://127.0.0.1:5001")
    recommendation_service_timeout_seconds: float = Field(default=2.0, gt=0)
    recommendation_service_retry_seconds: float = Field(
        default=5.0, gt=0, description="How long a service that did not answer is left alone before one page tries it."
    )
    recommendation_service_keys: Annotated[dict[str, str], AfterValidator(_usable)] = Field(
        default={DEVELOPMENT_KEY_ID: DEVELOPMENT_KEY},
        description="A JSON object of key id and key; the first signs, and the service must know it.",
    )
    trusted_proxies: int = Field(
        default=0, ge=0, description="Proxies in front that set X-Forwarded-For and X-Forwarded-Proto."
    )
    text_encoder: str = Field(
        default="all-MiniLM-L6-v2",
        description="A sentence-transformers model, `hashing` for the small deterministic one.",
    )
    publish_changes: bool = Field(
        default=True,
        description="Embed what members write, and tell the service, as soon as it is saved; else when they poll.",
    )
    models_dir: Path = Field(
        default=REPOSITORY / "recommendation_service" / "models",
        description="Where the recommendation service keeps its models; the console reads them there.",
    )
    jobs_dir: Path = Field(
        default=REPOSITORY / "var" / "jobs", description="Logs, datasets and uploads of the console's jobs."
    )
    email_host: str = Field(default="", description="The SMTP server; empty: no e-mail leaves the machine.")
    email_port: int = Field(default=587, gt=0, lt=65536)
    email_user: str = ""
    email_password: str = ""
    email_security: Literal["starttls", "tls", "none"] = "starttls"
    email_from: str = "Launchmatch <no-reply@localhost>"
    email_dir: Path | None = Field(
        default=None, description="Without an SMTP server: the folder that e-mails are written to, else the terminal."
    )


def read_environment() -> Environment:
    """The settings of this process's environment.

    Raises:
        ImproperlyConfigured: Naming each variable that cannot be used, with its value unless that is a secret.
    """
    try:
        return Environment()
    except ValidationError as error:
        problems = "; ".join(_described(dict(problem)) for problem in error.errors())
        raise ImproperlyConfigured(problems) from None  # pydantic's own message shows the secrets
    except SettingsError as error:
        name = next(name for name in _WRITTEN_AS_JSON if f'"{name}"' in str(error))
        raise ImproperlyConfigured(f"{name.upper()} must be {_WRITTEN_AS_JSON[name]}") from None


def _described(problem: Mapping[str, Any]) -> str:
    name = str(problem["loc"][0])
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name.upper()}: {message}" if name in SECRETS else f"{name.upper()}={problem['input']!r}: {message}"
