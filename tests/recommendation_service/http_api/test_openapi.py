from __future__ import annotations

import json
from http import HTTPStatus
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from contracts.access import Scope
from recommendation_service.http_api.operations import OPERATIONS


@pytest.fixture
def document(client: FlaskClient) -> Any:
    response = client.get("/openapi.json")
    assert response.content_type == "application/json"
    return json.loads(response.data)


def test_every_route_is_described_and_every_description_is_a_route(client: FlaskClient, document: Any) -> None:
    application: Flask = client.application
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == routes


def test_who_must_show_a_token_is_told_as_the_routes_say_it(client: FlaskClient) -> None:
    client.environ_base.pop("HTTP_AUTHORIZATION")
    for operation in OPERATIONS:
        path = operation.path.replace("{user_id}", str(uuid4())).replace("{startup_id}", str(uuid4()))
        status = getattr(client, operation.method)(path).status_code
        assert (status == 401) == bool(operation.scopes), operation.path


def test_each_scope_opens_exactly_the_routes_that_say_so(client: FlaskClient, token: Any) -> None:
    for operation, scope in product(OPERATIONS, Scope):
        path = operation.path.replace("{user_id}", str(uuid4())).replace("{startup_id}", str(uuid4()))
        response = getattr(client, operation.method)(path, headers={"Authorization": token(scope)})
        assert (response.status_code == 403) == bool(operation.scopes and scope not in operation.scopes)


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
def test_every_answer_to_any_request_is_one_that_the_document_promises(client: FlaskClient, service: Any) -> None:
    """Schemathesis: valid and invalid ids, parameters, bodies, methods and headers; none is answered with a 5xx."""
    service.keeper.refresh()
    schema = schemathesis.openapi.from_wsgi("/openapi.json", client.application, config=too_long_is_refused())
    token = client.environ_base["HTTP_AUTHORIZATION"]
    asked = {ask_anything(operation.ok(), token) for operation in schema.get_all_operations()}
    assert asked == {operation.path for operation in OPERATIONS} - {"/openapi.json"}


def too_long_is_refused() -> SchemathesisConfig:
    """Whose address is too long is refused for that first, whatever else is wrong in it."""
    config = SchemathesisConfig()
    rejection = config.projects.default.checks.negative_data_rejection
    rejection.expected_statuses = [*rejection.expected_statuses, str(HTTPStatus.REQUEST_URI_TOO_LONG.value)]
    return config


def ask_anything(operation: Any, token: str) -> str:
    # That a cursor excludes filters, and may be too old, is more than a schema can say.
    unsaid = [positive_data_acceptance] if "recommendations" in operation.path else []

    described = next(one for one in OPERATIONS if (one.path, one.method) == (operation.path, operation.method))
    takes_anything = described.parameters or described.body
    for mode in GenerationMode if takes_anything else (GenerationMode.POSITIVE,):

        @settings(
            max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            case.call_and_validate(headers={"Authorization": token}, excluded_checks=unsaid)

        ask()
    return str(operation.path)
