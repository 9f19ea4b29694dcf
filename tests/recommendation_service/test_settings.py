from __future__ import annotations

from datetime import timedelta

import pytest

from recommendation_service.engines.errors import ConfigError
from recommendation_service.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_by_default_the_service_listens_on_loopback_only() -> None:
    settings = read_settings()
    assert (settings.service_host, settings.service_port) == ("127.0.0.1", 5001)
    assert settings.database_url.endswith("/var/launchmatch.sqlite3")
    assert settings.models_dir.parts[-2:] == ("recommendation_service", "models")


def test_variables_are_the_fields_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARM_FROM", "3")
    monkeypatch.setenv("REFRESH_SECONDS", "0.5")
    options = read_settings().serving_options()
    assert (options.routing.warm_from, options.refresh_interval) == (3, timedelta(seconds=0.5))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVICE_PORT", "0"),
        ("SERVICE_PORT", "http"),
        ("WARM_FROM", "0"),
        ("REFRESH_SECONDS", "nan"),
        ("REFRESH_SECONDS", "-1"),
        ("THREADS", "0"),
        ("ENABLE_TWO_TOWER", "perhaps"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named_with_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"{name}='{value}': "):
        read_settings()


def test_thresholds_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ConfigError, match="warm_from=30, hot_above=20"):
        Settings(warm_from=30).serving_options()
