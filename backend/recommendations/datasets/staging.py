"""Puts a finished dataset in the place of an older one, or leaves the older one as it was.

All four files are written, whole and synced, into a hidden folder beside the target. Only then is the older manifest
removed, the data files moved over theirs, and the new manifest moved last. A run that fails or is killed while it
reads and writes leaves the older dataset untouched; one that is killed between those few renames leaves files without
a manifest, which no reader takes for a dataset. At no moment does a manifest stand beside files that are not its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.dataset import DatasetPaths, FileEntry

_SUFFIX = ".partial"
_ABANDONED_AFTER_S = 24 * 3600


@contextmanager
def staging_folder(target: DatasetPaths) -> Iterator[DatasetPaths]:
    """A hidden folder beside the target for its four files, gone afterwards."""
    folder = target.pairs.parent
    prefix = f".{target.pairs.stem}."
    _remove_abandoned(folder, prefix)
    staging = Path(tempfile.mkdtemp(prefix=prefix, suffix=_SUFFIX, dir=folder))
    try:
        yield DatasetPaths(staging / target.pairs.name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def publish(staged: DatasetPaths, target: DatasetPaths) -> None:
    """Move the four staged files to their place, the manifest last."""
    _sync(staged.manifest)
    target.manifest.unlink(missing_ok=True)
    for name in ("users", "startups", "pairs", "manifest"):
        getattr(staged, name).replace(getattr(target, name))
    _sync(target.pairs.parent)


def sealed_entry(path: Path, rows: int) -> FileEntry:
    """What the manifest says of a finished file, once it has reached the disk."""
    _sync(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(name=path.name, rows=rows, bytes=path.stat().st_size, sha256=digest)


def _remove_abandoned(folder: Path, prefix: str) -> None:
    """Remove what killed runs left behind; a run that is still going is younger."""
    for path in folder.glob(f"{prefix}*{_SUFFIX}"):
        if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_S:
            shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
