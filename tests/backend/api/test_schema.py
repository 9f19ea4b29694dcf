"""What holds for every operation, read from the schema itself."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

OPEN_TO_ALL = {
    ("post", "/api/v1/tokens/"),
    ("post", "/api/v1/accounts/"),
    ("post", "/api/v1/accounts/confirm/"),
    ("post", "/api/v1/accounts/password-reset/"),
}
NUMBERED = {"event_id", "position_id"}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def operations(schema):
    """Every (method, address) with made-up ids."""

    def address(path):
        return re.sub(r"\{(\w+)\}", lambda found: "1" if found[1] in NUMBERED else str(uuid4()), path)

    return [(method, path, address(path)) for path, methods in schema["paths"].items() for method in methods]


def test_the_schema_is_valid_openapi(schema):
    validate_schema(schema)


def test_everything_is_closed_to_strangers(stranger, operations, check_problem, db):
    checked = [operation for operation in operations if operation[:2] not in OPEN_TO_ALL]
    for method, _, address in checked:
        check_problem(getattr(stranger, method)(address), 401, "credentials were not provided")
    assert len(checked) >= 30


def test_a_bad_token_opens_nothing(stranger, operations, check_problem, db):
    stranger.credentials(HTTP_AUTHORIZATION="Token 0123456789")
    for method, path, address in operations:
        if (method, path) not in OPEN_TO_ALL:
            check_problem(getattr(stranger, method)(address), 401, "Invalid token")


def test_every_operation_documents_the_one_error_shape(schema):
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            assert "application/problem+json" in operation["responses"]["422"]["content"], path
            assert operation["responses"]["404"], path


def test_a_wrong_method_is_a_problem(api, check_problem):
    check_problem(api.delete("/api/v1/startups/"), 405)


def test_an_unknown_address_is_a_problem(api, check_problem):
    check_problem(api.get("/api/v1/nothing/"), 404)
    check_problem(api.get("/api/v1/startups/not-an-id/"), 404)


def test_a_crash_is_a_problem_that_tells_no_secrets(api, check_problem, monkeypatch):
    def crash(**_):
        raise RuntimeError("secret")

    monkeypatch.setattr("api.v1.startups.startup_list", crash)
    response = api.get("/api/v1/startups/")
    check_problem(response, 500, "went wrong on our side")
    assert "secret" not in response.content.decode()


def test_the_readable_page_needs_no_foreign_server(client, db):
    page = client.get("/api/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/" in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


def test_too_many_requests_are_a_problem_with_a_time_to_wait(stranger, check_problem, db, monkeypatch):
    from rest_framework.throttling import AnonRateThrottle

    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "2/min"})
    monkeypatch.setattr("api.v1.startups.StartupListView.permission_classes", ())
    answers = [stranger.get("/api/v1/startups/") for _ in range(3)]
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    check_problem(answers[2], 429)
    assert 0 < int(answers[2]["Retry-After"]) <= 60
