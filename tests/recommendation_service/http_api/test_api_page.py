from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from recommendation_service.http_api.api_page import spelled
from recommendation_service.http_api.operations import OPERATIONS


class Page(HTMLParser):
    """What a browser would fetch, run and link to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: set[str] = set()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        assert not {"src", "style", "onclick"} & set(given)
        self.names |= {str(given["id"])} if "id" in given else set()
        self.links |= {str(given["href"])} if "href" in given else set()


def test_every_operation_and_type_is_on_the_page_and_every_link_leads_somewhere(client: FlaskClient) -> None:
    page = Page(client.get("/docs").text)
    schemas = json.loads(client.get("/openapi.json").data)["components"]["schemas"]
    assert page.names >= {operation.name for operation in OPERATIONS} | {f"schema-{name}" for name in schemas}
    inner = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    assert inner <= page.names
    assert {link for link in page.links if not link.startswith("#")} == {"/openapi.json"}


def test_the_page_runs_and_fetches_nothing_but_its_own_style(client: FlaskClient) -> None:
    client.environ_base.pop("HTTP_AUTHORIZATION")
    response = client.get("/docs")
    assert response.content_type == "text/html; charset=utf-8"
    assert {"script", "link", "img", "iframe", "form"}.isdisjoint(Page(response.text).tags)
    found = re.search("<style>(.*)</style>", response.text, re.DOTALL)
    assert found is not None
    digest = b64encode(sha256(found.group(1).encode()).digest()).decode()
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/Reason"}, "Reason"),
        ({"type": "array", "items": {"$ref": "#/x/Reason"}}, "list of Reason"),
        ({"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}, "string (uuid) or null"),
        ({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "integer (from 1, to 100, default 20)"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object of number"),
        ({"const": True}, "True"),
        ({}, "anything"),
    ],
)
def test_types_are_put_in_words(schema: dict[str, Any], words: str) -> None:
    assert spelled(schema) == words
