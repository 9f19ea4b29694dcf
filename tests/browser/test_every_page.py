"""Every page that links lead to: nothing keeps people out, on a desktop and a phone, in the light and in the dark."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tests.browser.visitor import DESKTOP, PHONE

STARTS = {
    "stranger": ["/login/"],
    "student": ["/"],
    "entrepreneur": ["/"],
    "staff": ["/console/"],
}
FOREIGN = ("/admin/", "/api/")
"""Pages whose look is not ours."""
MOST_PAGES = 40
RULES_OF_COLOURS = ("color-contrast", "link-in-text-block")
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|two_tower_v\d+")
SCREENS = [
    pytest.param({"viewport": DESKTOP, "color_scheme": "light"}, id="desktop-light"),
    pytest.param({"viewport": PHONE, "color_scheme": "dark"}, id="phone-dark"),
]


def shape_of(address: str) -> str:
    """A page without what tells it from others of its kind: ids, and most of the query."""
    parts = urlsplit(address)
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    return IDENTIFIER.sub("id", parts.path) + ("?" + "&".join(names) if names else "")


def links_of(visitor) -> list[str]:
    """Where the page's links lead within the platform, without those that download."""
    found = visitor.page.eval_on_selector_all("a[href]:not([download])", "links => links.map(link => link.href)")
    own = [address for address in found if address.startswith(visitor.url + "/")]
    return [address.removeprefix(visitor.url).partition("#")[0] for address in own]


def barriers_in_other_colours(visitor, colours):
    """What the other colours of the same page would keep people from seeing; the rest of it does not depend on them."""
    visitor.page.emulate_media(color_scheme={"light": "dark", "dark": "light"}[colours])
    visitor.page.evaluate("Promise.all(document.getAnimations().map(change => change.finished.catch(() => null)))")
    found = visitor.barriers(only=RULES_OF_COLOURS)
    visitor.page.emulate_media(color_scheme=colours)
    return found


@pytest.fixture(scope="module")
def looked_at():
    """Kinds of pages that were looked at on a screen already, in whatever role."""
    return set()


def test_the_checker_finds_what_is_wrong(visit):
    visitor = visit()
    visitor.go("/login/")
    visitor.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input><img src=/favicon>')")
    found = " ".join(visitor.barriers())
    assert "label (critical)" in found
    assert "image-alt (critical)" in found


def test_the_checker_finds_what_only_the_other_colours_hide(visit):
    visitor = visit(color_scheme="light")
    visitor.go("/login/")
    visitor.page.evaluate("document.querySelector('main p').style.color = '#111'")
    assert visitor.barriers() == []
    assert "color-contrast (serious)" in " ".join(barriers_in_other_colours(visitor, "light"))


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("role", STARTS)
def test_nothing_keeps_people_out(visit, logins, looked_at, role, screen):
    visitor = visit(**screen)
    if role in logins:
        visitor.log_in(logins[role])
    waiting, visited, barriers = list(STARTS[role]), 0, {}
    while waiting and visited < MOST_PAGES:
        path = waiting.pop(0)
        kind = (screen["color_scheme"], shape_of(path))
        if (kind in looked_at and visited) or path.startswith(FOREIGN) or path.endswith("/log/"):
            continue
        looked_at.add(kind)
        visited += 1
        visitor.go(path)
        name = re.sub(r"\W+", "-", kind[1]).strip("-") or "home"
        visitor.look(f"{role}-{name}-{screen['color_scheme']}")
        if found := [*visitor.barriers(), *barriers_in_other_colours(visitor, screen["color_scheme"])]:
            barriers[path] = found
        waiting += links_of(visitor)
    assert visited > 1, f"there was nothing for a {role} to look at beyond {STARTS[role]}"
    assert barriers == {}
