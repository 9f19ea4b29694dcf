"""The settings as a deployment gets them: in a process of their own, with an environment of their own."""

from __future__ import annotations

import json
import os
import string
import subprocess
import sys
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parents[3] / "backend" / "manage.py"
SECRET = "a-key-of-its-own:" + string.ascii_letters
SERVICE_KEYS = json.dumps({"2026-01": SECRET})


def manage(*arguments, **environment):
    variables = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, str(MANAGE), *arguments], env=variables, capture_output=True, text=True, check=False
    )


def test_production_settings_pass_djangos_deployment_check():
    result = manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        LAUNCHMATCH_PRODUCTION="1",
        SECRET_KEY=SECRET,
        RECOMMENDATION_SERVICE_KEYS=SERVICE_KEYS,
        EMAIL_HOST="smtp.example.org",
    )
    assert result.returncode == 0, result.stderr


def test_a_deployment_without_email_is_warned_of():
    environment = {
        "LAUNCHMATCH_PRODUCTION": "1",
        "SECRET_KEY": SECRET,
        "RECOMMENDATION_SERVICE_KEYS": SERVICE_KEYS,
    }
    result = manage("check", "--deploy", **environment)
    assert result.returncode == 0
    assert "EMAIL_HOST is not set" in result.stderr


def test_production_refuses_the_development_key():
    result = manage("check", LAUNCHMATCH_PRODUCTION="1")
    assert result.returncode != 0
    assert "SECRET_KEY is not set" in result.stderr


def test_production_refuses_the_development_key_between_the_houses():
    result = manage("check", LAUNCHMATCH_PRODUCTION="1", SECRET_KEY=SECRET)
    assert result.returncode != 0
    assert "RECOMMENDATION_SERVICE_KEYS is not set" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RECOMMENDATION_SERVICE_URL", "localhost:5001"),
        ("RECOMMENDATION_SERVICE_TIMEOUT_SECONDS", "0"),
        ("TRUSTED_PROXIES", "-1"),
    ],
)
def test_a_bad_setting_is_refused_by_name_and_value(name, value):
    result = manage("check", **{name: value})
    assert result.returncode != 0
    assert f"ImproperlyConfigured: {name}='{value}': " in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALLOWED_HOSTS", "launchmatch.example", 'ALLOWED_HOSTS must be a JSON list like ["launchmatch.example"]'),
        ("RECOMMENDATION_SERVICE_KEYS", "s3cret", "RECOMMENDATION_SERVICE_KEYS must be a JSON object like"),
        ("RECOMMENDATION_SERVICE_KEYS", "{}", "RECOMMENDATION_SERVICE_KEYS: "),
        (
            "RECOMMENDATION_SERVICE_KEYS",
            '{"2026-01": "s3cret"}',
            "RECOMMENDATION_SERVICE_KEYS: the key '2026-01' has 6",
        ),
        ("DATABASE_URL", "postgresql://me:s3cret/x@host/name", "DATABASE_URL is no URL"),
        ("DATABASE_URL", "sqlite://", "DATABASE_URL names no SQLite file"),
    ],
)
def test_a_bad_setting_is_refused_with_its_cure_and_without_its_secret(name, value, said):
    result = manage("check", **{name: value})
    assert result.returncode != 0
    assert f"ImproperlyConfigured: {said}" in result.stderr
    assert "s3cret" not in result.stderr


def test_models_and_migrations_agree(db):
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def production(*names):
    """Settings as production has them."""
    code = f"import json; from django.conf import settings; print(json.dumps([getattr(settings, n) for n in {names}]))"
    result = manage(
        "shell",
        "--no-imports",
        "-c",
        code,
        LAUNCHMATCH_PRODUCTION="1",
        SECRET_KEY=SECRET,
        RECOMMENDATION_SERVICE_KEYS=SERVICE_KEYS,
        EMAIL_HOST="smtp.example.org",
    )
    assert result.returncode == 0, result.stderr
    return dict(zip(names, json.loads(result.stdout), strict=True))


def test_cookies_of_production_stay_on_the_host_and_from_scripts():
    wanted = {
        "DEBUG": False,
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    }
    assert production(*wanted) == wanted
