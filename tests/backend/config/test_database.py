"""DATABASE_URL as Django's settings."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.database import database_settings


def test_the_folder_of_a_new_file_is_made(tmp_path):
    """A fresh checkout has no `var/`, and the guides' first command makes its database there."""
    path = tmp_path / "var" / "launchmatch.sqlite3"
    assert database_settings(f"sqlite:///{path}")["NAME"] == path
    assert path.parent.is_dir()


def test_a_folder_far_from_all_that_is_there_is_not_made(tmp_path):
    database_settings(f"sqlite:///{tmp_path}/no/such/folder/launchmatch.sqlite3")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite://launchmatch.sqlite3", "sqlite://var/x.sqlite3"])
def test_a_url_without_a_file_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="names no SQLite file"):
        database_settings(url)


@pytest.mark.parametrize("url", ["postgresql://me:s3cret@host:port/name", "postgresql://me:s3cret[@host/name"])
def test_what_is_no_url_is_refused_without_its_password(url):
    with pytest.raises(ImproperlyConfigured, match="is no URL") as refusal:
        database_settings(url)
    assert "s3cret" not in str(refusal.value)


def test_a_server_of_its_own():
    read = database_settings("postgresql://me:a%40b@host:5433/name?sslmode=require")
    wanted = {"NAME": "name", "USER": "me", "PASSWORD": "a@b", "HOST": "host", "PORT": 5433}
    assert {name: read[name] for name in wanted} == wanted
    assert read["OPTIONS"]["sslmode"] == "require"
