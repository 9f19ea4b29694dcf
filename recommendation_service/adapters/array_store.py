"""Large arrays of one machine, each once: files named by their content, mapped into every worker that needs them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Protocol

import numpy as np

from recommendation_service.engines.atomic_files import atomic_path
from recommendation_service.engines.growing_rows import GrowingRows, spare_rows
from recommendation_service.engines.types import FloatArray
from recommendation_service.services.errors import SavedCatalogueError

_KEPT_SECONDS = 3600
"""Files that nobody names are kept this long, for workers that are just about to."""


_ROWS_AT_ONCE = 4096


class Rows(Protocol):
    """A table float32 [R, D], or what makes its rows when they are asked for: whole tables need not be in memory."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(R, D)."""

    def __len__(self) -> int: ...

    def __getitem__(self, run: slice, /) -> FloatArray: ...


class ArrayStore:
    """A folder of float32 tables."""

    def __init__(self, folder: Path) -> None:
        """Name the folder, which is made with the first table."""
        self._folder = folder

    def put(self, rows: Rows) -> str:
        """Write a table unless it is there, and return its name.

        The file has room for more rows behind them: holes that take no space, and that a mapping can be written in
        without anybody else seeing it.

        Raises:
            OSError: When it cannot be written; nothing is left behind then.
        """
        name = _name(rows)
        file = self._file(name)
        if not (file.exists() and self._is_whole(name)):
            with atomic_path(file) as temporary, temporary.open("wb") as target:
                shape = (len(rows) + spare_rows(len(rows)), rows.shape[1])
                header = {"descr": "<f4", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(target, header)
                begin = target.tell()
                for block in _blocks(rows):
                    target.write(block)
                target.truncate(begin + 4 * shape[0] * shape[1])
        return name

    def rows(self, name: str) -> GrowingRows:
        """A table, mapped; rows that are added to it are this process's own.

        Raises:
            SavedCatalogueError: If it is missing or not what its name says.
        """
        count = _count(name)
        try:
            table = np.asarray(np.load(self._file(name), mmap_mode="c", allow_pickle=False))
        except (OSError, ValueError, EOFError) as error:
            raise SavedCatalogueError(f"the array {name} cannot be read: {error}") from error
        if table.ndim != 2 or len(table) < count or _name(table[:count]) != name:
            raise SavedCatalogueError(f"the array {name} is damaged")
        return GrowingRows(table, count)

    def remove_all_but(self, names: frozenset[str]) -> None:
        """Remove what is neither named nor young; whoever maps it goes on seeing it."""
        for file in self._folder.glob("*.npy"):
            if file.stem not in names and time() - file.stat().st_mtime > _KEPT_SECONDS:
                file.unlink(missing_ok=True)

    def _is_whole(self, name: str) -> bool:
        try:
            self.rows(name)
        except SavedCatalogueError:
            return False
        return True

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.npy"


def _name(rows: Rows) -> str:
    """How many rows there are, and the SHA-256 of their content."""
    digest = hashlib.sha256()
    for block in _blocks(rows):
        digest.update(block)
    return f"{len(rows)}-{digest.hexdigest()}"


def _blocks(rows: Rows) -> Iterator[memoryview]:
    """The content of a table, some thousand rows at a time."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield (
            np.ascontiguousarray(rows[start : start + _ROWS_AT_ONCE], dtype=np.float32).reshape(-1).view(np.uint8).data
        )


def _count(name: str) -> int:
    number, _, digest = name.partition("-")
    if not number.isdecimal() or len(digest) != 64 or not digest.isalnum():
        raise SavedCatalogueError(f"{name!r} is not the name of an array")
    return int(number)
