from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings

from recommendation_service.app import build_app


@pytest.fixture
def document(client: FlaskClient) -> Any:
    response = client.get("/openapi.json")
    assert response.content_type == "application/json"
    return json.loads(response.data)


def test_every_route_is_described_and_every_description_is_a_route(client: FlaskClient, document: Any) -> None:
    application: Flask = client.application
    routes = {rule.rule.replace("<", "{").replace(">", "}") for rule in application.url_map.iter_rules()}
    assert set(document["paths"]) == routes - {"/openapi.json"}


def test_every_reference_leads_somewhere(document: Any) -> None:
    references = {
        part.rpartition("/")[2] for part in json.dumps(document).split('"') if part.startswith("#/components/schemas/")
    }
    assert references
    assert references == set(document["components"]["schemas"])


def test_the_limits_of_the_limit_are_told(document: Any) -> None:
    parameters = document["paths"]["/v1/users/{user_id}/recommendations"]["get"]["parameters"]
    schema = next(parameter["schema"] for parameter in parameters if parameter["name"] == "limit")
    assert schema == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}


@pytest.mark.slow
def test_every_answer_to_any_request_is_one_that_the_document_promises(service: Any) -> None:
    """Schemathesis: valid and invalid ids, limits, methods and headers; none is answered with a 5xx."""
    service.keeper.refresh()
    schema = schemathesis.openapi.from_wsgi("/openapi.json", build_app(service))
    asked = [ask_anything(operation.ok()) for operation in schema.get_all_operations()]
    assert len(asked) == 5


def ask_anything(operation: Any) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate()

    ask()
