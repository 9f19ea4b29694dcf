"""Stored text is data: whatever people write, wherever it is shown, on every page, to everybody."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError

from config.records import validate_record
from tests.backend.web.planted import CRAWLED, plant_platform, planted_models, texts_of
from tests.backend.web.routes import addresses
from tests.backend.web.stand_in_answers import behaviour

MARKUP = "\"'><planted-tag planted-attr onx=planted()>{{31337|add:1}}{%now 'Y'%}--></b></td></title>"
SCHEME = "javascript:planted(1)"
UNUSUAL = "\u202e\u2067" + "W" * 5000 + "🚀שלום\u0301"
PLAIN = "Plain words"
PARAMETERS = [
    pytest.param(MARKUP, id="markup"),
    pytest.param(SCHEME, id="scheme", marks=pytest.mark.slow),
    pytest.param(UNUSUAL, id="unusual", marks=pytest.mark.slow),
]
URL_ATTRIBUTES = {"href", "src", "action", "formaction", "hx-get", "hx-post", "srcset", "data", "xlink:href", "poster"}
FOREIGN = ("/admin/", "/api/docs/")
"""Pages that others wrote, with scripts of their own inside them."""


class Elements(HTMLParser):
    """What a browser would build: each element with its attributes, and what stands inside scripts and styles."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.inside: list[str] = []
        self.code = ""
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        self.inside.append(tag)

    def handle_endtag(self, tag):
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data):
        if self.inside and self.inside[-1] in ("script", "style"):
            self.code += data.strip()
        self.text += data

    @property
    def kinds(self) -> set[str]:
        """Every element, and every attribute on it, by name."""
        return {f"<{tag} {name}>" for tag, attributes in self.found for name in ("", *attributes)}


def crawl(client, service, words: str, role: str) -> dict[str, tuple[str, Elements | None]]:
    """Every page of a platform on which everything says `words`: its address and elements, by route."""
    platform = plant_platform(lambda length: words[:length])
    startups = [pk for record in platform.records if record._meta.label == "startups.Startup" for pk in [record.pk]]
    service.behave = behaviour(startups, [user.pk for user in platform.members.values()], words[:200])
    if role in platform.members:
        client.force_login(platform.members[role])
    pages = {}
    for name, address in addresses(platform.values, platform.objects).items():
        if role != "staff" and address.startswith("/admin/"):
            continue
        response = client.get(address)
        assert response.status_code < 500, f"{name} answers {response.status_code} at {address}"
        kind = response.get("Content-Type", "")
        body = b"".join(response.streaming_content) if response.streaming else response.content
        pages[name] = (address, Elements(body.decode()) if kind.startswith("text/html") else None)
        if not kind.startswith("text/html") and body:
            assert response["X-Content-Type-Options"] == "nosniff", f"{name} may be taken for a page"
    return pages


def require_inert(name: str, address: str, page: Elements) -> None:
    """No code stands in the page, and nothing planted became one."""
    for tag, attributes in page.found:
        assert "planted" not in tag, f"{name}: stored text became the element <{tag}>"
        for attribute, value in attributes.items():
            assert "planted" not in attribute, f"{name}: stored text became the attribute {attribute} of <{tag}>"
            assert attribute != "onx", f"{name}: stored text became a handler of <{tag}>"
            where = value.strip().lower()
            assert attribute not in URL_ATTRIBUTES or not where.startswith(("javascript:", "data:", "vbscript:")), (
                f"{name}: <{tag} {attribute}> leads to {value[:60]!r}"
            )
            if not address.startswith(FOREIGN):
                assert not attribute.startswith("on"), f"{name}: <{tag}> has the handler {attribute}"
                assert attribute != "style", f"{name}: <{tag}> has a style of its own"
                assert not attribute.startswith("hx-on"), f"{name}: <{tag}> has the handler {attribute}"
    assert "31338" not in page.text, f"{name}: stored text was taken for a template"
    if not address.startswith(FOREIGN):
        assert page.code == "", f"{name}: a script or style stands in the page: {page.code[:80]!r}"


PLAIN_KINDS: dict[str, dict[str, set[str]]] = {}


@pytest.fixture
def plain_pages(platform_of):
    """`plain_pages(role)`: the elements of every page while nobody wrote anything odd; crawled once for each role."""

    def kinds(role):
        if role not in PLAIN_KINDS:
            crawled = platform_of(PLAIN, role).items()
            PLAIN_KINDS[role] = {name: page.kinds for name, (_, page) in crawled if page is not None}
        return PLAIN_KINDS[role]

    return kinds


@pytest.fixture
def platform_of(client, service, settings, db):
    """`platform_of(words, role)`: all pages of one platform, after which it is gone again.

    The service has as long as it needs: a page that goes without its answer is made of other elements.
    """
    from django.core.cache import cache
    from django.db import transaction

    settings.RECOMMENDATION_SERVICE_TIMEOUT_SECONDS = 60

    def crawled(words, role):
        cache.clear()  # what one platform counted is not another's
        try:
            with transaction.atomic():
                pages = crawl(client, service, words, role)
                transaction.set_rollback(True)
        finally:
            client.cookies.clear()
        return pages

    return crawled


@pytest.mark.parametrize("attack", PARAMETERS)
@pytest.mark.parametrize("role", CRAWLED)
def test_whatever_is_written_is_inert_on_every_page(platform_of, plain_pages, role, attack):
    plain = plain_pages(role)
    for name, (address, page) in platform_of(attack, role).items():
        if page is None:
            continue
        require_inert(name, address, page)
        new = page.kinds - plain[name]
        assert not new, f"{name}: with {attack[:20]!r} stored there are new elements or attributes: {sorted(new)}"


def test_every_model_is_planted(db):
    platform = plant_platform(lambda length: PLAIN[:length])
    made = {type(record) for record in platform.records} | {type(platform.members["staff"])}
    missing = {model._meta.label for model in planted_models() - made} - {"console.AuditEntry"}
    assert not missing, f"no record of {sorted(missing)} is planted: make one in planted.py"


@pytest.mark.parametrize("bad", ["a\x00b", "\ud800"])
def test_what_no_database_stores_is_refused_in_every_field(db, bad):
    for record in plant_platform(lambda length: PLAIN[:length]).records:
        if not record._meta.label.startswith(("accounts.", "startups.", "applications.")):
            continue
        for field, value in texts_of(record, lambda _length: bad):
            kept = getattr(record, field.attname)
            setattr(record, field.attname, value)
            with pytest.raises(ValidationError) as refused:
                validate_record(record)
            assert field.name in refused.value.message_dict
            setattr(record, field.attname, kept)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("student", {"web:feed", "web:startup", "web:activity", "web:profile", "web:preferences", "web:welcome"}),
        ("owner", {"web:founder_startups", "web:founder_startup", "web:founder_people", "web:founder_application"}),
        ("investor", {"web:invitations"}),
        ("staff", {"console:audit", "console:explore_member", "console:explore_startup", "console:job"}),
    ],
)
def test_the_crawl_sees_what_was_planted(platform_of, role, expected):
    """Else a page would be inert only because it is empty."""
    pages = platform_of(MARKUP, role).items()
    seen = {name for name, (_, page) in pages if page is not None and "<planted-tag planted-attr" in page.text}
    assert expected <= seen
