"""Puts uploaded tables where an import finds them, under names that the formats give, never the browser's."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from console.errors import JobRefusedError
from console.jobs.folders import JobFolder
from console.jobs.parameters import ImportSource
from console.jobs.steps import EXPORT_NAME
from imports.platform.columns import TABLES

SUFFIXES = (".csv", ".parquet")
MAX_UNPACKED_BYTES = 2 << 30


def accepted_names(source: str, files: Sequence[UploadedFile[Any]]) -> tuple[str, ...]:
    """The name under which each file is kept.

    Raises:
        JobRefusedError: If one is no table of the format, comes twice, or is empty.
    """
    names = tuple(_name_of(source, file) for file in files)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise JobRefusedError(f"{twice[0]} comes twice; keep one of them")
    return names


def store(folder: JobFolder, names: Sequence[str], files: Sequence[UploadedFile[Any]]) -> None:
    """Write the files into a job's folder.

    Raises:
        OSError: If the disk does not take them.
    """
    folder.upload.mkdir(parents=True)
    for name, file in zip(names, files, strict=True):
        with (folder.upload / name).open("xb") as target:
            for chunk in file.chunks():
                target.write(chunk)


def _name_of(source: str, file: UploadedFile[Any]) -> str:
    if source == ImportSource.CRUNCHBASE:
        _require_small_archive(file)
        return EXPORT_NAME
    given = PurePath(file.name or "")
    if given.stem not in TABLES or given.suffix not in SUFFIXES:
        known = ", ".join(TABLES)
        raise JobRefusedError(f"{given.name[:80]!r} is no table of the format: name it {known}, as .csv or .parquet")
    return f"{given.stem}{given.suffix}"


def _require_small_archive(file: UploadedFile[Any]) -> None:
    """A zip that unpacks to a sensible size; no more than the stated size of a member is ever read."""
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise JobRefusedError(f"{Path(file.name or '').name[:80]!r} is no zip file; upload crunch2013.zip") from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise JobRefusedError(f"the archive unpacks to more than {MAX_UNPACKED_BYTES >> 30} GiB; import it by command")
    file.seek(0)
