"""Whatever is sent to the API, it answers what its schema says, and never breaks."""

from __future__ import annotations

import json

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.authtoken.models import Token
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.backend.web.planted import plant_platform

pytestmark = pytest.mark.slow
EXAMPLES = 10
"""For each operation; enough to meet every kind of value, few enough for seconds."""
METHODS = ("get", "post", "put", "patch", "delete")


def operations() -> list[tuple[str, str]]:
    from drf_spectacular.generators import SchemaGenerator

    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods if method in METHODS]


@pytest.fixture
def schema(client, db):
    """The schema as it is served, and what serves it, on the one connection whose transaction the test undoes."""
    raw = json.loads(client.get("/api/schema/?format=json").content)
    loaded = schemathesis.openapi.from_dict(raw)
    loaded.app = get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield loaded
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def platform(db, service_down, monkeypatch):
    monkeypatch.setattr("accounts.mail.soon", lambda letter: None)
    return plant_platform(lambda length: "words"[:length])


@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda part: part.strip("/"))
def test_an_operation_never_breaks_and_keeps_its_schema(schema, platform, method, path):
    operation = schema[path][method.upper()]

    @given(case=operation.as_strategy(), ours=st.booleans(), role=st.sampled_from(["owner", "student", "investor"]))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    def holds(case, ours, role):
        if ours:
            case.path_parameters = {name: str(platform.values[name]) for name in case.path_parameters or {}}
        cache.clear()  # so that nothing is merely slowed down
        key = Token.objects.get(user=platform.members[role]).key
        with transaction.atomic():
            response = case.call(headers={"Authorization": f"Token {key}"})
            transaction.set_rollback(True)
        case.validate_response(
            response, checks=[not_a_server_error, content_type_conformance, response_schema_conformance]
        )
        if response.status_code >= 400:
            assert response.headers["content-type"] == ["application/problem+json"]

    holds()
