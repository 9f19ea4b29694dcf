"""Which platform a demo builds: one folder per data set, so that several stand side by side and none is mistaken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

SIMULATED = "simulated"
_DIGITS = 12
"""Of the SHA-256: nobody has a million exports of which two must differ."""


def platform_name(data: Path | None) -> str:
    """The name of the folder that a demo on this data keeps its files in.

    Args:
        data: Crunchbase's export, a file or its unpacked folder; None for the simulated platform.

    Returns:
        The same for the same content, wherever it lies and whatever it is called; another one after any change.

    Raises:
        OSError: If it cannot be read.
    """
    return SIMULATED if data is None else f"crunchbase-{_content_sha256(data)[:_DIGITS]}"


def _content_sha256(data: Path) -> str:
    """Of a file, or of the names and contents of a folder's files."""
    if not data.is_dir():
        return _file_sha256(data)
    parts = (f"{file.relative_to(data).as_posix()}\0{_file_sha256(file)}\n" for file in _files_of(data))
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _files_of(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _file_sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
