"""Which model version is the active one: an explicit file, replaced whole, never "the newest"."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.errors import ModelFileError

_POINTER = "ACTIVE.json"
_NAME = re.compile(r"two_tower_v([1-9][0-9]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPointer:
    """The active version, and those that were active before it, latest last."""

    active: str | None = None
    previous: tuple[str, ...] = ()

    def moved_to(self, version: str | None) -> ModelPointer:
        """The pointer after a change of the active version, which remembers the old one."""
        if version == self.active:
            return self
        previous = self.previous if self.active is None else (*self.previous, self.active)
        return ModelPointer(active=version, previous=previous)


def read_pointer(folder: Path) -> ModelPointer:
    """The pointer of a folder; one that names nothing when there is none.

    Raises:
        ModelFileError: If the file is not a pointer.
    """
    file = folder / _POINTER
    if not file.exists():
        return ModelPointer()
    try:
        content = json.loads(file.read_bytes())
        active = None if content["active"] is None else _checked(content["active"])
        return ModelPointer(active=active, previous=tuple(_checked(name) for name in content["previous"]))
    except (ValueError, KeyError, TypeError, ModelFileError) as error:
        raise ModelFileError(f"{file} does not name a version ({error}); activate one by name again") from error


def write_pointer(folder: Path, pointer: ModelPointer) -> None:
    """Replace the pointer of a folder.

    Raises:
        ModelFileError: If it cannot be written; the old one then stays.
    """
    content = {"active": pointer.active, "previous": list(pointer.previous)}
    try:
        write_atomically(folder / _POINTER, (json.dumps(content, indent=2) + "\n").encode())
    except OSError as error:
        raise ModelFileError(f"cannot write {folder / _POINTER}: {error}; the active version stays") from error


def version_number(version: str) -> int:
    """The N of `two_tower_vN`.

    Raises:
        ModelFileError: If it is no such name.
    """
    match = _NAME.fullmatch(version)
    if match is None:
        raise ModelFileError(f"a version is named like two_tower_v1, not {version!r}")
    return int(match[1])


def is_version(name: str) -> bool:
    """Whether a name is that of a version."""
    return _NAME.fullmatch(name) is not None


def _checked(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"{name!r} is not a name")
    version_number(name)
    return name
