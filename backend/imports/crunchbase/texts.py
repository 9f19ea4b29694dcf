"""Names and sentences: only from names, categories and places, which the day of ranking already knew."""

from __future__ import annotations

from collections.abc import Sequence

_SPREADSHEET_ERROR = "#NAME?"
_INVESTOR_KINDS = {
    "person": "an individual investor",
    "financial-organization": "an investment firm",
    "company": "a company that invests",
}


def readable_name(name: str, permalink: str) -> str:
    """The name, or the permalink's words where a spreadsheet spoilt or lost it (`n-plusn` -> `N Plusn`)."""
    if name and name != _SPREADSHEET_ERROR:
        return repair_encoding(name)
    return permalink.rsplit("/", 1)[-1].replace("-", " ").title()


def repair_encoding(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252 before the export was saved (`VoaltÃ©` -> `Voalté`)."""
    if text.isascii():
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:  # it was right as it stood
        return text


def investor_bio(name: str, permalink: str, place: Sequence[str]) -> str:
    """What a person is and where, e.g. `Rockmore Capital is an investment firm in Vienna, VA, USA.`"""
    return _sentence(name, _INVESTOR_KINDS[permalink.split("/")[1]], place)


def company_description(name: str, category: str, place: Sequence[str]) -> str:
    """What a company does and where, e.g. `1000memories is a web company in San Francisco, CA, USA.`"""
    words = category.replace("-", " ")
    article = "an" if words[:1] in tuple("aeiou") else "a"
    return _sentence(name, f"{article} {words} company" if words not in {"", "other"} else "a company", place)


def _sentence(name: str, kind: str, place: Sequence[str]) -> str:
    parts = [part for part in dict.fromkeys(place) if part]
    return f"{name} is {kind} in {', '.join(parts)}." if parts else f"{name} is {kind}."
