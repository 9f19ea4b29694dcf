from __future__ import annotations

from html.parser import HTMLParser

import pytest


class _Page(HTMLParser):
    """The visible words, the links and the fields of a page, without the frame around it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.fields: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        _, inside, main = source.partition("<main")
        self.feed(inside + main or source)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.add(tag)
        if tag == "a":
            self.links.append(values["href"])
        if tag == "input" and "name" in values:
            self.fields.setdefault(values["name"], values.get("value", ""))
        if tag == "button" and "name" in values:
            self.buttons.append((values["name"], values["value"]))

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def page():
    """`page(response)`: its text, links, first field of each name, named buttons and tags."""

    def read(response, status=200):
        assert response.status_code == status, response.content.decode()[:2000]
        return _Page(response.content.decode())

    return read


@pytest.fixture
def web(client, member):
    """A browser in which `member` is logged in."""
    client.force_login(member)
    return client
