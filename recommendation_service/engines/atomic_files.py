"""Files that are either whole or not there: written beside their name, flushed to disk, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """A temporary path in the target's folder that becomes `target` when the block ends without an error.

    Args:
        target: The file to write or replace; its folder is made if missing.

    Raises:
        OSError: When the disk is full or the folder cannot be written; nothing is left behind then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
        flush_file(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(target.parent)


def write_atomically(target: Path, content: bytes) -> None:
    """Make `target` hold exactly `content`, or leave it as it was.

    Raises:
        OSError: When it cannot be written.
    """
    with atomic_path(target) as temporary:
        temporary.write_bytes(content)


def obstacle_to(target: Path) -> str | None:
    """Why `target` could not be written, as far as that can be told without writing; None if nothing is in the way."""
    if target.is_dir():
        return f"{target} is a folder"
    folder = next(folder for folder in target.absolute().parents if folder.exists())
    if not folder.is_dir():
        return f"{folder} is not a folder"
    return None if os.access(folder, os.W_OK | os.X_OK) else f"the folder {folder} may not be written to"


def flush_file(path: Path) -> None:
    """Force a file's content to disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Force a folder's names to disk, where the system can (Windows cannot)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
