from __future__ import annotations

import pytest

from config.client_address import client_address


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, None, "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "made-up, 203.0.113.5", "203.0.113.5"),
        (2, "made-up, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (3, "203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (1, " , ", "192.0.2.1"),
    ],
)
def test_the_outermost_trusted_proxys_word_counts(rf, settings, trusted, forwarded, address):
    settings.TRUSTED_PROXIES = trusted
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(rf.get("/", headers=headers, REMOTE_ADDR="192.0.2.1")) == address
