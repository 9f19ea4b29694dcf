"""The catalogue as it was last read, on disk: for all workers of the machine, and for a start without a database.

catalogue.json           what the others must be; written last
startups-SHA256.jsonl    records but their texts
activity-SHA256.jsonl    what people did lately
arrays/ROWS-SHA256.npy   texts
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.adapters.array_store import ArrayStore
from recommendation_service.adapters.saved_lines import (
    activity_from_lines,
    activity_lines,
    startups_from_lines,
    startups_lines,
)
from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.types import FloatArray, StartupRecord
from recommendation_service.engines.unit_rows import unit_rows
from recommendation_service.services.errors import SavedCatalogueError
from recommendation_service.services.ports import CatalogueMark, OpenStartups
from recommendation_service.services.startup_activity import StartupActivity

FORMAT = 4
_UNIT_TOLERANCE = 2e-5
"""Of a squared length."""
_MANIFEST = "catalogue.json"
_log = structlog.get_logger(__name__)


class _Manifest(BaseModel):
    """What lies beside it.

    Attributes:
        texts: Name of the array of embeddings as they were read.
        unit_texts: Of the same scaled to unit length; equal to `texts` where they are.
        unusable, encoder, foreign: As in `OpenStartups`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    read_at: AwareDatetime
    changed_at: AwareDatetime | None
    version: str | None
    startups: str
    activity: str
    texts: str
    unit_texts: str
    unusable: list[str]
    encoder: str | None
    foreign: list[str]


class SavedCatalogue:
    """A folder that holds one catalogue."""

    def __init__(self, folder: Path) -> None:
        """Name the folder, which is made when something is kept."""
        self._folder = folder
        self._arrays = ArrayStore(folder / "arrays")
        self.problem: str | None = None

    def keep(self, opened: OpenStartups, activity: Sequence[StartupActivity]) -> OpenStartups:
        """Keep what was read; see `CatalogueStore`."""
        try:
            kept, manifest = self._share(opened)
            self._write(manifest | {"activity": self._put("activity", activity_lines(activity))})
        except (OSError, SavedCatalogueError) as error:
            self.problem = (
                f"the catalogue cannot be kept in {self._folder}: {error}; each worker has its own copy of it"
            )
            _log.error("catalogue_not_kept", problem=self.problem)
            return opened
        self.problem = None
        return kept

    def load(self) -> tuple[OpenStartups, Sequence[StartupActivity]] | None:
        """What was kept; None if nothing was.

        Raises:
            SavedCatalogueError: If it is damaged.
        """
        manifest = self._manifest()
        if manifest is None:
            return None
        texts = self._arrays.rows(manifest.texts)
        unit = texts if manifest.unit_texts == manifest.texts else self._arrays.rows(manifest.unit_texts)
        with self._lines(manifest.startups) as lines:
            startups = startups_from_lines(lines, texts.first(texts.used), manifest.encoder)
        opened = OpenStartups(
            startups=startups,
            unusable=frozenset(manifest.unusable),
            mark=CatalogueMark(read_at=manifest.read_at, changed_at=manifest.changed_at, version=manifest.version),
            text_rows=unit,
            encoder=manifest.encoder,
            foreign=frozenset(manifest.foreign),
        )
        with self._lines(manifest.activity) as lines:
            return opened, activity_from_lines(lines)

    def _share(self, opened: OpenStartups) -> tuple[OpenStartups, dict[str, Any]]:
        """The startups over mapped texts, and what the manifest says of them."""
        texts = _Texts(opened.startups)
        name = self._arrays.put(texts)
        unit_name = name if texts.are_unit() else self._arrays.put(_UnitTexts(opened.startups))
        rows = self._arrays.rows(name)
        unit = rows if unit_name == name else self._arrays.rows(unit_name)
        mapped = rows.first(len(texts))
        startups = [
            startup if startup.embedding is None else replace(startup, embedding=mapped[row])
            for row, startup in enumerate(opened.startups)
        ]
        return replace(opened, startups=startups, text_rows=unit), {
            "startups": self._put("startups", startups_lines(startups)),
            "texts": name,
            "unit_texts": unit_name,
            "unusable": sorted(opened.unusable),
            "encoder": opened.encoder,
            "foreign": sorted(opened.foreign),
            "read_at": opened.mark.read_at,
            "changed_at": opened.mark.changed_at,
            "version": opened.mark.version,
        }

    def _put(self, kind: str, content: bytes) -> str:
        """Write lines under a name that says what they are."""
        name = f"{kind}-{hashlib.sha256(content).hexdigest()}.jsonl"
        write_atomically(self._folder / name, content)
        return name

    def _write(self, facts: dict[str, Any]) -> None:
        manifest = _Manifest(format=FORMAT, **facts)
        write_atomically(self._folder / _MANIFEST, manifest.model_dump_json(indent=2).encode())
        for file in self._folder.glob("*.jsonl"):
            if file.name not in {manifest.startups, manifest.activity}:
                file.unlink(missing_ok=True)
        self._arrays.remove_all_but(frozenset({manifest.texts, manifest.unit_texts}))

    def _manifest(self) -> _Manifest | None:
        file = self._folder / _MANIFEST
        try:
            manifest = _Manifest.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise SavedCatalogueError(f"{file} cannot be read: {error}") from error
        if manifest.format != FORMAT:
            raise SavedCatalogueError(f"{file} has the format {manifest.format}, not {FORMAT}")
        return manifest

    @contextmanager
    def _lines(self, name: str) -> Iterator[Iterable[bytes]]:
        """The lines of a file, proved to be what its name says."""
        path = self._folder / Path(name).name
        try:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() not in name:
                    raise SavedCatalogueError(f"{path} is damaged")
                file.seek(0)
                yield file
        except OSError as error:
            raise SavedCatalogueError(f"the saved catalogue cannot be read: {error}") from error


class _Texts:
    """Texts of startups as they were read, float32 [N, D]; zeros where there is none. Made a block at a time."""

    def __init__(self, startups: Sequence[StartupRecord]) -> None:
        self._startups = startups
        self.shape = (len(startups), EMBEDDING_DIM)

    def __len__(self) -> int:
        return len(self._startups)

    def __getitem__(self, run: slice, /) -> FloatArray:
        startups = self._startups[run]
        rows = np.zeros((len(startups), EMBEDDING_DIM), dtype=np.float32)
        for row, startup in zip(rows, startups, strict=True):
            if startup.embedding is not None:
                row[:] = startup.embedding
        return rows

    def are_unit(self) -> bool:
        """Whether every text is of unit length."""
        found = (startup.embedding for startup in self._startups if startup.embedding is not None)
        return all(abs(float(text @ text) - 1.0) < _UNIT_TOLERANCE for text in found)


class _UnitTexts(_Texts):
    """The same scaled to unit length."""

    def __getitem__(self, run: slice, /) -> FloatArray:
        return unit_rows(super().__getitem__(run))
