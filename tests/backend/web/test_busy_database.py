from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from interactions.models import InteractionEvent
from web.errors import server_error

ON_SQLITE = connection.vendor == "sqlite"


@pytest.fixture
def locked(transactional_db):
    """Another process writes and does not end, for longer than anybody waits."""
    if not ON_SQLITE:
        pytest.skip("PostgreSQL has no lock on the whole database")
    connection.ensure_connection()
    connection.connection.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:

        def lock():
            other.execute("BEGIN IMMEDIATE")

        yield lock
        other.rollback()
    connection.close()


@pytest.fixture
def act(web, startup, locked):
    """Like the startup, while the database is locked."""

    def send(**headers):
        locked()
        return web.post(f"/startups/{startup.pk}/acts/", {"type": "like", "key": "k"}, headers=headers)

    return send


def test_a_page_says_so_and_asks_to_try_again(act, page):
    answer = act()
    assert "Please try again in a few seconds" in page(answer, 503).text
    assert answer["Retry-After"] == "5"


def test_a_part_of_a_page_says_so(act, page):
    assert "main" not in page(act(**{"HX-Request": "true"}), 503).tags


def test_the_api_answers_a_problem(web, startup, locked):
    locked()
    act = {"startup_id": str(startup.pk), "type": "like", "idempotency_key": "k1"}
    answer = web.post("/api/v1/interactions/", act, content_type="application/json")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer["Content-Type"] == "application/problem+json"
    assert "nothing was changed" in json.loads(answer.content)["detail"]


def test_nothing_was_changed(act):
    assert act().status_code == 503
    assert not InteractionEvent.objects.exists()


def test_what_a_session_cannot_keep_says_so_too(client, member, locked):
    """A log-in writes to the database outside of any view as well."""
    client.raise_request_exception = False
    locked()
    form = {"username": member.email, "password": "a long enough password"}
    assert client.post("/login/", form).status_code == 503


def test_another_failure_stays_a_crash(rf, db):
    with pytest.raises(sqlite3.OperationalError), closing(sqlite3.connect(":memory:")) as database:
        database.execute("SELECT nothing")
    assert server_error(rf.get("/")).status_code == 500
