"""One change of the active version at a time, whichever worker is asked for it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = ".pointer.lock"


@contextmanager
def pointer_lock(models: Path) -> Iterator[None]:
    """Hold a models folder for a change, after the change at hand; a folder that is not there has none to hold."""
    if not models.is_dir():
        yield
        return
    with (models / LOCK_NAME).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
