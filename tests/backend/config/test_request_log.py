from __future__ import annotations

import re
from types import SimpleNamespace


def test_each_request_is_one_line_without_its_query(client, db, caplog):
    with caplog.at_level("INFO", logger="config.request_log"):
        client.get("/healthz?secret=1")
    assert len(caplog.messages) == 1
    assert re.fullmatch(r"GET /healthz 200 [\d.]+ ms", caplog.messages[0])


def test_a_server_error_is_a_warning(client, db, caplog, monkeypatch):
    def crash(*_):
        raise RuntimeError("boom")

    monkeypatch.setattr("config.health.connection", SimpleNamespace(cursor=crash))
    client.raise_request_exception = False
    client.get("/healthz")
    assert [record.levelname for record in caplog.records if record.name == "config.request_log"] == ["WARNING"]
