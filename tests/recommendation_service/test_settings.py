from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.access import DEVELOPMENT_KEY, Scope
from recommendation_service.engines.errors import ConfigError
from recommendation_service.http_api.tokens import TokenVerifier, sign_token
from recommendation_service.settings import Settings, is_loopback, read_settings

KEY = "a-key-of-its-own-of-more-than-32-bytes"


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


def test_a_request_waits_fifty_milliseconds_for_its_person() -> None:
    config = read_settings().user_read_config()
    assert (config.deadline, config.readers, config.breaker.failures_to_open) == (timedelta(milliseconds=50), 8, 5)


def test_the_last_look_at_a_list_of_people_has_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().members_timeout_seconds == 0.25
    monkeypatch.setenv("MEMBERS_TIMEOUT_SECONDS", "0")
    with pytest.raises(ConfigError, match="MEMBERS_TIMEOUT_SECONDS='0'"):
        read_settings()


def test_keys_are_a_json_object_and_the_first_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_KEYS", json.dumps({"new": KEY, "old": KEY[::-1]}))
    keys = read_settings().service_keys
    token = sign_token(keys, Scope.MEMBER, str(uuid4()), timedelta(minutes=1))
    assert TokenVerifier({"new": KEY}).verify(token).scope is Scope.MEMBER


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("a-secret-that-is-no-json", "SERVICE_KEYS must be a JSON object"),
        ("{}", "SERVICE_KEYS: at least one key is needed"),
        ('{"new": "my-short-secret"}', "SERVICE_KEYS: the key 'new' has 15 bytes; at least 32 are needed"),
        ('["my-secret"]', "SERVICE_KEYS: Input should be a valid dictionary"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_without_showing_them(
    monkeypatch: pytest.MonkeyPatch, value: str, why: str
) -> None:
    monkeypatch.setenv("SERVICE_KEYS", value)
    with pytest.raises(ConfigError, match=why) as refused:
        read_settings()
    assert "secret" not in str(refused.value)


def test_production_needs_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAUNCHMATCH_PRODUCTION", "1")
    with pytest.raises(ConfigError, match="SERVICE_KEYS is not set; production needs a key of its own") as refused:
        read_settings()
    assert DEVELOPMENT_KEY not in str(refused.value)
    monkeypatch.setenv("SERVICE_KEYS", json.dumps({"new": KEY}))
    assert read_settings().launchmatch_production


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_what_others_can_reach_needs_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("SERVICE_HOST", host)
    with pytest.raises(ConfigError, match=f"SERVICE_HOST='{host}' can be reached by others"):
        read_settings()
    monkeypatch.setenv("SERVICE_KEYS", json.dumps({"new": KEY}))
    assert read_settings().service_host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


def test_a_database_url_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db/x")
    monkeypatch.setenv("THREADS", "0")
    with pytest.raises(ConfigError, match="THREADS='0'") as refused:
        read_settings()
    assert "secret" not in str(refused.value)
