from __future__ import annotations

import json

import pytest
from rest_framework.test import APIClient


class JSONClient(APIClient):
    """Sends JSON unless told otherwise, and raises nothing, so that a crash is a visible 500."""

    default_format = "json"

    def __init__(self):
        super().__init__(raise_request_exception=False)


@pytest.fixture
def api(member):
    """A client of the API, logged in as `member`."""
    client = JSONClient()
    client.force_authenticate(member)
    return client


@pytest.fixture
def stranger():
    """A client of the API that is not logged in."""
    return JSONClient()


@pytest.fixture
def check_problem():
    """`check_problem(response, 422, "what the detail says")`: the one error shape, with this detail in it."""

    def check(response, status, *parts):
        body = json.loads(response.content)
        assert response.status_code == status, body
        assert response["Content-Type"] == "application/problem+json"
        assert body.keys() == {"type", "title", "status", "detail", "instance"}
        assert body["status"] == status
        assert body["instance"] == response.wsgi_request.path
        for part in parts:
            assert part in body["detail"]

    return check
