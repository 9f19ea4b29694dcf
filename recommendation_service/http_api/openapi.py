"""The API's description, generated from the types it answers with and the operations it offers."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from contracts.api import Problem
from recommendation_service.http_api.operation import Operation
from recommendation_service.http_api.operations import OPERATIONS

_REFERENCE = "#/components/schemas/{model}"
_PROBLEM = "application/problem+json"


@cache
def openapi_document() -> str:
    """The OpenAPI 3.1 document as JSON."""
    return json.dumps(openapi())


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in OPERATIONS:
        paths[operation.path][operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Launchmatch recommendation service",
            "version": version("launchmatch"),
            "description": "Which startups for a person, which people for a startup, and which startups are like one; "
            "every answer says what made it, and every error is a problem (RFC 9457).",
        },
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A short-lived token, signed with a key that the platform and the service share, of "
                    "the scope `member`, `platform` or `operator`.",
                }
            },
        },
    }


def _schemas() -> dict[str, Any]:
    answers: set[type[BaseModel]] = {Problem}
    bodies: set[type[BaseModel]] = set()
    for operation in OPERATIONS:
        answers |= {model for model in operation.answers.values() if model is not None}
        bodies |= {operation.body} if operation.body else set()
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "serialization") for model in sorted(answers, key=lambda model: model.__name__)),
        *((model, "validation") for model in sorted(bodies, key=lambda model: model.__name__)),
    ]
    _, definitions = models_json_schema(models, ref_template=_REFERENCE)
    schemas: dict[str, Any] = definitions["$defs"]
    return schemas


def _described(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "parameters": list(operation.parameters),
        "responses": {
            **{str(status): _answer(operation, status) for status in operation.answers},
            **{str(status): _content(Problem, meaning, _PROBLEM) for status, meaning in operation.problems.items()},
        },
    }
    if operation.scopes:
        told["security"] = [{"token": []}]
    if operation.body is not None:
        told["requestBody"] = {
            "required": operation.body_required,
            "content": {"application/json": {"schema": {"$ref": _REFERENCE.format(model=operation.body.__name__)}}},
        }
    return told


def _answer(operation: Operation, status: int) -> dict[str, Any]:
    model = operation.answers[status]
    meaning = operation.meanings[status]
    if model is None:
        return {"description": meaning, "content": {operation.media_type: {"schema": {"type": "string"}}}}
    return _content(model, meaning, operation.media_type)


def _content(model: type[BaseModel], description: str, media_type: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {media_type: {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}},
    }
