"""The API's description, generated from the types it answers with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contracts.api import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MIN_LIMIT,
    Health,
    Models,
    Problem,
    Readiness,
    Recommendations,
    SimilarStartups,
)

_REFERENCE = "#/components/schemas/{model}"
_ANSWERS: Sequence[type[BaseModel]] = (Recommendations, SimilarStartups, Models, Health, Readiness, Problem)


@cache
def openapi_document() -> str:
    """The OpenAPI 3.1 document as JSON."""
    _, definitions = models_json_schema([(model, "serialization") for model in _ANSWERS], ref_template=_REFERENCE)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Launchmatch recommendation service",
            "version": version("launchmatch"),
            "description": "Which startups for a person, and which are like one; every answer says what made it.",
        },
        "paths": _PATHS,
        "components": {"schemas": definitions["$defs"]},
    }
    return json.dumps(document)


def _content(model: type[BaseModel], description: str, media_type: str = "application/json") -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(model=model.__name__)}
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _problem(description: str) -> dict[str, Any]:
    return _content(Problem, description, "application/problem+json")


def _id(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


_LIMIT: Mapping[str, Any] = {
    "name": "limit",
    "in": "query",
    "description": "How many startups at most.",
    "schema": {"type": "integer", "minimum": MIN_LIMIT, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
}
_NOT_READY = _problem("No catalogue could be read yet; try again after Retry-After seconds.")


def _get(operation: str, summary: str, parameters: Sequence[Mapping[str, Any]], **responses: Any) -> dict[str, Any]:
    """A GET operation; responses are named `status_NNN`."""
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": list(parameters),
            "responses": {name.removeprefix("status_"): response for name, response in responses.items()},
        }
    }


_PATHS: Mapping[str, Any] = {
    "/v1/users/{user_id}/recommendations": _get(
        "recommend",
        "Startups for a person, best first.",
        [_id("user_id"), _LIMIT],
        status_200=_content(Recommendations, "The list, with what made it and whether it is degraded."),
        status_404=_problem("There is no such user."),
        status_422=_problem("The id or a parameter is not valid."),
        status_503=_NOT_READY,
    ),
    "/v1/startups/{startup_id}/similar": _get(
        "similar",
        "Open startups like an open one, most alike first.",
        [_id("startup_id"), _LIMIT],
        status_200=_content(SimilarStartups, "The list."),
        status_404=_problem("There is no such startup, or it is not open."),
        status_422=_problem("The id or a parameter is not valid."),
        status_503=_NOT_READY,
    ),
    "/v1/models": _get(
        "models",
        "Learned models: which there are, which is active, which serves.",
        [],
        status_200=_content(Models, "The registry as the service sees it."),
        status_422=_problem("A parameter is not known."),
    ),
    "/healthz": _get("health", "The process is alive.", [], status_200=_content(Health, "Alive.")),
    "/readyz": _get(
        "readiness",
        "Whether the service can answer, and on which rung.",
        [],
        status_200=_content(Readiness, "It can."),
        status_503=_content(Readiness, "It cannot yet; `problems` says why."),
    ),
}
