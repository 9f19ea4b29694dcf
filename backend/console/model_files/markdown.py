"""The part of Markdown that model cards are written in, as blocks that a template can show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Heading:
    """`## text`."""

    level: int
    text: str
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines up to an empty one."""

    text: str
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    """`- item` lines."""

    items: tuple[str, ...]
    kind: str = "bullets"


@dataclass(frozen=True, slots=True)
class Code:
    """Lines between fences."""

    text: str
    kind: str = "code"


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows, each of the header's width."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: str = "table"


Block = Heading | Paragraph | Bullets | Code | Table


def parse_markdown(text: str) -> list[Block]:
    """The blocks of a text, in order; what is no known block is a paragraph."""
    return [_block(lines) for lines in _groups(text.splitlines())]


def _groups(lines: list[str]) -> Iterator[list[str]]:
    """Lines that belong together: up to an empty one, or, between fences, to the closing one."""
    group: list[str] = []
    fenced = False
    for before, line in pairwise(["", *lines]):
        starts_block = line.startswith(("#", _FENCE)) or _kind_of(line) != _kind_of(before)
        if group and not fenced and (not line.strip() or starts_block):
            yield group
            group = []
        if line.startswith(_FENCE):
            fenced = not fenced
        if line.strip() or fenced:
            group.append(line)
    if group:
        yield group


def _kind_of(line: str) -> str:
    return {"|": "table", "- ": "bullets"}.get(line[:1] if line.startswith("|") else line[:2], "text")


def _block(lines: list[str]) -> Block:
    first = lines[0]
    if first.startswith(_FENCE):
        return Code("\n".join(line for line in lines[1:] if not line.startswith(_FENCE)))
    if first.startswith("#"):
        marks = len(first) - len(first.lstrip("#"))
        return Heading(marks, first[marks:].strip())
    if first.startswith("- "):
        return Bullets(tuple(line.removeprefix("- ") for line in lines))
    if first.startswith("|") and len(lines) > 1:
        return _table(lines)
    return Paragraph(" ".join(lines))


def _table(lines: list[str]) -> Table:
    header = _cells(lines[0])
    rows = (_cells(line) for line in lines[2:])
    return Table(header, tuple((*row, *[""] * len(header))[: len(header)] for row in rows))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|"))
