"""The part of Markdown that model cards are written in, as blocks that a template can show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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


def _groups(lines: Iterable[str]) -> Iterator[list[str]]:
    """Lines that belong to one block: of one kind up to another, or, after a fence, up to the closing one."""
    group: list[str] = []
    for line in lines:
        kind = "code" if _is_open_code(group) else _kind_of(line)
        if group and (kind != _kind_of(group[0]) or kind == "heading" or _is_closed_code(group)):
            yield group
            group = []
        if kind != "blank":
            group.append(line)
    if group:
        yield group


def _kind_of(line: str) -> str:
    if not line.strip():
        return "blank"
    starts = {_FENCE: "code", "#": "heading", "- ": "bullets", "|": "table"}
    return next((kind for start, kind in starts.items() if line.startswith(start)), "text")


def _is_open_code(group: list[str]) -> bool:
    return bool(group) and group[0].startswith(_FENCE) and not _is_closed_code(group)


def _is_closed_code(group: list[str]) -> bool:
    return len(group) > 1 and group[0].startswith(_FENCE) and group[-1].startswith(_FENCE)


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
