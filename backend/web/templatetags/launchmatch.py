"""How the pages spell what the database holds."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template.defaultfilters import truncatechars
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from config.fields import LocationFields
from contracts.api import Rung
from contracts.interactions import InteractionType
from contracts.terms import label_of
from recommendations.models import FeedPage, Surface

DONE = {
    InteractionType.APPLY: "Applied",
    InteractionType.INTEREST: "Interested",
    InteractionType.FAVORITE: "Saved",
    InteractionType.LIKE: "Liked",
    InteractionType.DISLIKE: "Hidden",
}
ORDERS = {
    Rung.ENSEMBLE: "Ranked by what members like you liked, and by what you chose.",
    Rung.TWO_TOWER: "Ranked by what members like you liked.",
    Rung.CONTENT_BASED: "Ranked by what you chose and liked.",
    Rung.TRENDING: "What most members stood by lately.",
    Rung.NEWEST: "The newest startups.",
    "search_personal": "What holds your words, in the order that suits you.",
    "search_newest": "What holds your words, the newest first.",
    "search_popularity": "What holds your words, the most popular first.",
}
"""What each rung, or a search, ranks by."""
HUES = 8
ONE_LINE = 150
_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")
_CLOSING = ".,;:!?)]}"

register = template.Library()


@register.filter
@lru_cache(maxsize=4096)
def term(value: str) -> str:
    """`drug-discovery` as `Drug discovery`, `games_video` as `Games video`."""
    words = label_of(value).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@register.filter
def place(record: LocationFields) -> str:
    """The city and the widest part known: `Berlin, DEU`."""
    near = record.city or record.region or record.state
    return ", ".join(part for part in (near, record.country) if part)


@register.filter(expects_localtime=True)
def day(moment: datetime) -> SafeString:
    """The day of a moment, for people and for machines."""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), f"{moment.day} {moment:%b %Y}")


@register.filter
def one_line(text: str) -> str:
    """The first sentence, or as much of it as fits a card."""
    first = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]
    return first if len(first) <= ONE_LINE else truncatechars(first, ONE_LINE)


@register.filter
def prose(text: str) -> SafeString:
    """Text as paragraphs in which only http and https addresses are links; everything else is shown as it was typed."""
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return format_html_join("", "<p>{}</p>", ((_lines(part),) for part in parts if part))


def _lines(paragraph: str) -> SafeString:
    first, *others = [_linked(line) for line in paragraph.split("\n")]
    return format_html("{}{}", first, format_html_join("", "<br>{}", ((line,) for line in others)))


def _linked(line: str) -> SafeString:
    pieces: list[str] = []
    end = 0
    for found in _ADDRESS.finditer(line):
        address = found.group().rstrip(_CLOSING)
        pieces.append(line[end : found.start()])
        pieces.append(format_html('<a href="{}" rel="nofollow noopener ugc">{}</a>', address, address))
        end = found.start() + len(address)
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, line[end:]]))


@register.filter
def hue(value: str) -> int:
    """One of the stylesheet's hues, always the same for the same word."""
    return zlib.crc32(value.encode()) % HUES


@register.filter
def initials(title: str) -> str:
    """Up to two letters that stand for a name."""
    words = re.findall(r"\w+", title)
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def ranked_by(page: FeedPage) -> str:
    """What made a page, in words that members know."""
    if page.surface == Surface.SEARCH:
        return ORDERS.get(page.engine, "What holds your words.")
    return ORDERS.get(page.rung, "Startups that are open now.")


@register.filter
def get(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The value of a key; None where there is none, or no mapping."""
    return mapping.get(key) if mapping else None


@register.filter
def did(kind: str) -> str:
    """An act as a member remembers it: `click` as `Opened`."""
    return {**DONE, InteractionType.CLICK: "Opened", InteractionType.VIEW: "Viewed"}[InteractionType(kind)]


@register.filter
def done(kind: str) -> str:
    """What an explicit act made of a startup: `favorite` as `Saved`."""
    return DONE[InteractionType(kind)]
