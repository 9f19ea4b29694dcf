"""One training at a time in one models folder; the second is told who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from recommendation_service.engines.errors import TrainingError

FOLDER = "checkpoints"
"""What trainings need while they run, apart from the versions they end in."""
LOCK_NAME = "training.lock"


@contextmanager
def training_lock(models: Path) -> Iterator[Path]:
    """Hold the folder for a training; whoever dies lets go of it, because the kernel keeps the lock.

    Yields:
        Where this training alone may keep what it needs while it runs.

    Raises:
        TrainingError: If another process holds it; the message says which, where and since when.
    """
    folder = models / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_NAME).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TrainingError(
                f"another training holds {models}: {_holder(file)}; wait for it, end it, or train into another folder "
                "with --models"
            ) from error
        _sign(file)
        yield folder


def _sign(file: TextIO) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    file.seek(0)
    file.truncate()
    json.dump({"pid": os.getpid(), "host": socket.gethostname(), "since": since}, file)
    file.flush()


def _holder(file: TextIO) -> str:
    """Who signed; whoever took the lock this very moment may not have."""
    file.seek(0)
    try:
        signed = json.loads(file.read())
        return f"process {signed['pid']} on {signed['host']} since {signed['since']}"
    except (ValueError, KeyError, TypeError):
        return "a process that has just begun"
