"""An address that is none is a problem, and one without its slash says so."""

from __future__ import annotations

import pytest


@pytest.fixture(params=[True, False], ids=["development", "production"])
def debug(request, settings):
    settings.DEBUG = request.param


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize("path", ["/api/v1/nope/", "/api/nope", "/api/v1/startups/1/", "/api/v1/startups/\x00/"])
def test_an_unknown_address_is_a_problem(client, check_problem, method, path):
    check_problem(getattr(client, method)(path), 404, f"There is no {path}; every address")


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("method", ["post", "patch", "put", "delete"])
def test_what_carries_a_body_is_told_of_the_slash(api, check_problem, method):
    response = getattr(api, method)("/api/v1/interactions", {"type": "like"})
    check_problem(response, 404, "addresses end with a slash: /api/v1/interactions/")


@pytest.mark.usefixtures("debug")
def test_whoever_reads_is_sent_on(api):
    response = api.get("/api/v1/startups?limit=5&tag=a%20b")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/startups/?limit=5&tag=a%20b")
