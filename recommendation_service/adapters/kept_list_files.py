"""Kept lists as small files that every worker of the machine reads, and a restarted one too.

A list is a convenience that may be lost, so it is written without waiting for the disk; a file that is not whole is no
list. Its name is its id, so no path is ever made from what a request says beyond the 128 bits of a UUID.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import time
from typing import Any
from uuid import UUID

import numpy as np
import structlog

from contracts.api import Rung, Segment, StartupFilters
from recommendation_service.services.kept_lists import ID_BYTES, KeptList, ListNotKeptError

_FRAME = struct.Struct("<4sIII")
"""Mark, checksum of the rest, bytes of the header, places."""
_MARK = b"LML1"
_SUFFIX = ".list"
_log = structlog.get_logger(__name__)


class KeptListFiles:
    """Lists in one folder, each for some minutes; safe to share between threads and processes."""

    def __init__(self, folder: Path, *, keep_for: timedelta = timedelta(minutes=15), most: int = 20_000) -> None:
        """Name the folder; call `start` to have what is too old removed.

        Args:
            folder: Of nothing but lists; made when the first is kept.
            keep_for: How long a list can be gone on with.
            most: Lists that are left after a sweep, about 12 KiB each; the oldest go first.
        """
        self._folder = folder
        self._prefix = f"{folder}{os.sep}"
        self._keep_for_seconds = keep_for.total_seconds()
        self._most = most
        self._stopped = Event()
        self._thread: Thread | None = None

    def start(self, every: timedelta = timedelta(seconds=10)) -> None:
        """Sweep now and then, in a thread of its own, until `stop`."""
        self._thread = Thread(target=self._keep_sweeping, args=(every,), name="kept-lists-sweeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def keep(self, kept: KeptList) -> None:
        """Write a list.

        Raises:
            ListNotKeptError: If the disk is full, or the folder cannot be written.
        """
        try:
            _write(self._path(kept.id), _packed(kept))
        except OSError as error:
            raise ListNotKeptError(f"the list could not be written to {self._folder}: {error}") from error

    def keep_on(self, list_id: UUID) -> bool:
        """Make a file new again, if it is there."""
        try:
            os.utime(self._name(list_id))
        except OSError:
            return False
        return True

    def find(self, list_id: UUID) -> KeptList | None:
        """A list that is whole and not too old."""
        path = self._path(list_id)
        try:
            if time() - path.stat().st_mtime > self._keep_for_seconds:
                return None
            return _unpacked(path.read_bytes())
        except OSError:
            return None

    def sweep(self) -> int:
        """Remove what is too old or too much, and say how many lists that were."""
        if not self._folder.is_dir():
            return 0
        with os.scandir(self._folder) as entries:
            found = sorted((entry.stat().st_mtime, entry.path) for entry in entries if entry.name.endswith(_SUFFIX))
        oldest = time() - self._keep_for_seconds
        surplus = max(0, len(found) - self._most)
        leaving = [path for place, (changed, path) in enumerate(found) if place < surplus or changed < oldest]
        for path in leaving:
            with suppress(FileNotFoundError):  # another worker sweeps too
                os.unlink(path)  # noqa: PTH108 - a path object would cost as much as the call
        return len(leaving)

    def _keep_sweeping(self, every: timedelta) -> None:
        while not self._stopped.wait(every.total_seconds()):
            try:
                self.sweep()
            except OSError as error:
                _log.warning("kept_lists_not_swept", folder=str(self._folder), error=str(error))

    def _path(self, list_id: UUID) -> Path:
        return Path(self._name(list_id))

    def _name(self, list_id: UUID) -> str:
        return f"{self._prefix}{list_id.hex}{_SUFFIX}"


def _write(path: Path, content: bytes) -> None:
    """The quickest way to a new file: no buffer, no flush to the disk."""
    descriptor = _created(path)
    try:
        written = os.write(descriptor, content)
    finally:
        os.close(descriptor)
    if written != len(content):
        path.unlink()
        raise OSError(f"only {written} of {len(content)} bytes were written")


def _created(path: Path) -> int:
    """A descriptor of a new file; its folder is made when it turns out to be missing."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o600)


def _packed(kept: KeptList) -> bytes:
    header = json.dumps(_header(kept)).encode()
    content = header + kept.startup_ids + kept.scores.astype("<f4").tobytes()
    return _FRAME.pack(_MARK, zlib.crc32(content), len(header), len(kept.scores)) + content


def _header(kept: KeptList) -> dict[str, Any]:
    return {
        "id": kept.id.hex,
        "user_id": kept.user_id.hex,
        "generated_at": kept.generated_at.isoformat(),
        "segment": kept.segment.value,
        "rung": kept.rung.value,
        "engine": kept.engine,
        "model_version": kept.model_version,
        "problems": list(kept.problems),
        "filters": kept.filters.model_dump(mode="json", exclude_none=True),
        "complete": kept.complete,
    }


def _unpacked(content: bytes) -> KeptList | None:
    """The list in a file; None where the file is cut short or damaged, as after a loss of power."""
    if len(content) < _FRAME.size:
        return None
    mark, checksum, header_bytes, places = _FRAME.unpack_from(content)
    body = content[_FRAME.size :]
    if mark != _MARK or zlib.crc32(body) != checksum:
        return None
    ids_end = header_bytes + places * ID_BYTES
    return _from_header(
        json.loads(body[:header_bytes]), body[header_bytes:ids_end], np.frombuffer(body[ids_end:], dtype="<f4")
    )


def _from_header(header: Mapping[str, Any], startup_ids: bytes, scores: np.ndarray[Any, Any]) -> KeptList:
    return KeptList(
        id=UUID(header["id"]),
        user_id=UUID(header["user_id"]),
        generated_at=datetime.fromisoformat(header["generated_at"]),
        segment=Segment(header["segment"]),
        rung=Rung(header["rung"]),
        engine=header["engine"],
        model_version=header["model_version"],
        problems=tuple(header["problems"]),
        filters=StartupFilters.model_validate(header["filters"]),
        complete=header["complete"],
        startup_ids=startup_ids,
        scores=scores.astype(np.float32),
    )
