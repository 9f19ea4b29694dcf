"""The manifests beside the models: `two_tower_vN.json`, written by the recommendation service."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from console.errors import ModelsUnreadableError

VERSION = re.compile(r"two_tower_v([1-9][0-9]{0,8})")
MAX_FILE_BYTES = 32 << 20


class Manifest(BaseModel):
    """What the console shows of a version; the rest of the file is the service's own business."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    version: str
    engine: str
    ensemble: bool = False
    created_at: AwareDatetime
    bytes: int
    sha256: str
    dims: dict[str, int]
    config: dict[str, Any]
    split: dict[str, str | None]
    data: dict[str, str]
    metrics: dict[str, float]
    training: dict[str, Any]
    refused: str | None = None
    libraries: dict[str, str]


def models_folder() -> Path:
    """Where the service keeps its models."""
    return Path(settings.MODELS_DIR)


def file_of(version: str, end: str) -> Path:
    """A file beside a model, e.g. `two_tower_v1.card.md`.

    Raises:
        ModelsUnreadableError: If `version` is no name of a version: nothing else ever becomes part of a path.
    """
    if not is_version(version):
        raise ModelsUnreadableError(f"a version is named like two_tower_v1, not {version!r}")
    return models_folder() / f"{version}.{end}"


def is_version(name: str) -> bool:
    """Whether a name is that of a version."""
    return VERSION.fullmatch(name) is not None


def version_names() -> list[str]:
    """The versions that have a manifest, oldest first."""
    names = {file.stem for file in models_folder().glob("two_tower_v*.json")}
    return sorted(filter(is_version, names), key=version_number)


def version_number(version: str) -> int:
    """The N of `two_tower_vN`."""
    return int(version.removeprefix("two_tower_v"))


def read_manifest(version: str) -> Manifest:
    """The manifest of a version.

    Raises:
        ModelsUnreadableError: If it is missing or not a manifest.
    """
    content = read_bounded(file_of(version, "json"))
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelsUnreadableError(
            f"the manifest of {version} cannot be read ({'.'.join(map(str, first['loc']))}: {first['msg']})"
        ) from error


def read_bounded(file: Path) -> bytes:
    """The bytes of a file of reasonable size.

    Raises:
        ModelsUnreadableError: If it is missing, too large, or the disk does not give it.
    """
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ModelsUnreadableError(f"{file.name} has more than {MAX_FILE_BYTES >> 20} MiB")
        return file.read_bytes()
    except OSError as error:
        raise ModelsUnreadableError(f"{file.name} cannot be read: {error.strerror}") from error
