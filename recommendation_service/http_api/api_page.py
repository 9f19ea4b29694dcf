"""The API's description as a page to read: made here, from the same document, with nothing fetched from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment

from recommendation_service.http_api.openapi import openapi
from recommendation_service.http_api.operations import OPERATIONS

_PACKAGE = "recommendation_service.http_api"


@cache
def api_page() -> str:
    """The page as HTML."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_text("api_page.html"))
    # Nothing in the style needs escaping; its hash in the policy is of exactly these characters.
    style = _text("api_page.css")
    return template.render(document=openapi(), operations=OPERATIONS, style=style, spelled=spelled)


@cache
def api_page_policy() -> str:
    """The content security policy of the page: nothing but its own style."""
    digest = b64encode(sha256(_text("api_page.css").encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def spelled(schema: Mapping[str, Any]) -> str:
    """A type in words: `list of Reason`, `string (uuid) or null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(spelled(one) for one in schema[several])
    if "const" in schema:
        return repr(schema["const"])
    if schema.get("type") == "array":
        return f"list of {spelled(schema['items'])}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {spelled(schema['additionalProperties'])}"
    return _with_bounds(schema)


def _with_bounds(schema: Mapping[str, Any]) -> str:
    told = [str(schema["format"])] if "format" in schema else []
    told += [f"{word} {schema[name]}" for name, word in _BOUNDS.items() if name in schema]
    kind = str(schema.get("type", "anything"))
    return f"{kind} ({', '.join(told)})" if told else kind


_BOUNDS = {
    "minimum": "from",
    "maximum": "to",
    "minLength": "length from",
    "maxLength": "length to",
    "default": "default",
}


def _text(name: str) -> str:
    return files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")
