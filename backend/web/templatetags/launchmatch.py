"""How the pages spell what the database holds."""

from __future__ import annotations

import re
import zlib

from django import template
from django.template.defaultfilters import truncatechars

from config.fields import LocationFields
from contracts.interactions import InteractionType
from startups.taxonomy import label_of

DONE = {
    InteractionType.APPLY: "Applied",
    InteractionType.INTEREST: "Interested",
    InteractionType.FAVORITE: "Saved",
    InteractionType.LIKE: "Liked",
    InteractionType.DISLIKE: "Hidden",
}
HUES = 8
ONE_LINE = 150

register = template.Library()


@register.filter
def term(value: str) -> str:
    """`drug-discovery` as `Drug discovery`, `games_video` as `Games video`."""
    words = label_of(value).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@register.filter
def place(record: LocationFields) -> str:
    """The city and the widest part known: `Berlin, DEU`."""
    near = record.city or record.region or record.state
    return ", ".join(part for part in (near, record.country) if part)


@register.filter
def one_line(text: str) -> str:
    """The first sentence, or as much of it as fits a card."""
    first = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]
    return truncatechars(first, ONE_LINE)


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
def done(kind: str) -> str:
    """What an explicit act made of a startup: `favorite` as `Saved`."""
    return DONE[InteractionType(kind)]
