from __future__ import annotations

import json
from types import SimpleNamespace

from django.db import OperationalError


def test_alive_while_the_database_answers(client, db):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert "no-store" in response["Cache-Control"]


def test_unavailable_while_the_database_does_not(client, db, monkeypatch):
    def refuse():
        raise OperationalError("connection refused")

    monkeypatch.setattr("config.health.connection", SimpleNamespace(cursor=refuse))
    response = client.get("/healthz")
    assert response.status_code == 503
    assert json.loads(response.content)["detail"] == "The database does not answer: connection refused"


def test_it_is_only_read(client, db):
    assert client.post("/healthz").status_code == 405
