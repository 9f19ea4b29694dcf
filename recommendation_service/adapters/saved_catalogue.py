"""The catalogue as it was last read, on disk: for all workers of the machine, and for a start without a database.

catalogue.json            what the others must be; written last
startups-SHA256.parquet   records but their texts
pairs-SHA256.parquet      what people did lately
arrays/ROWS-SHA256.npy    texts
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.adapters.array_store import ArrayStore
from recommendation_service.adapters.saved_tables import (
    pairs_from_table,
    pairs_table,
    startups_from_table,
    startups_table,
)
from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.types import FloatArray
from recommendation_service.engines.unit_rows import unit_rows
from recommendation_service.services.errors import SavedCatalogueError
from recommendation_service.services.ports import CatalogueMark, OpenStartups, RecentPair

FORMAT = 2
_UNIT_TOLERANCE = 1e-5
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
    pairs: str
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

    def keep(self, opened: OpenStartups, pairs: Sequence[RecentPair]) -> OpenStartups:
        """Keep what was read; see `CatalogueStore`."""
        try:
            kept, manifest = self._share(opened)
            self._write(manifest | {"pairs": self._put("pairs", pairs_table(pairs))})
        except (OSError, SavedCatalogueError) as error:
            self.problem = (
                f"the catalogue cannot be kept in {self._folder}: {error}; each worker has its own copy of it"
            )
            _log.error("catalogue_not_kept", problem=self.problem)
            return opened
        self.problem = None
        return kept

    def load(self) -> tuple[OpenStartups, Sequence[RecentPair]] | None:
        """What was kept; None if nothing was.

        Raises:
            SavedCatalogueError: If it is damaged.
        """
        manifest = self._manifest()
        if manifest is None:
            return None
        table, texts = self._table(manifest.startups), self._arrays.rows(manifest.texts)
        unit = texts if manifest.unit_texts == manifest.texts else self._arrays.rows(manifest.unit_texts)
        startups = startups_from_table(table, texts.first(len(table)))
        opened = OpenStartups(
            startups=startups,
            unusable=frozenset(manifest.unusable),
            mark=CatalogueMark(read_at=manifest.read_at, changed_at=manifest.changed_at, version=manifest.version),
            text_rows=unit,
            encoder=manifest.encoder,
            foreign=frozenset(manifest.foreign),
        )
        return opened, pairs_from_table(self._table(manifest.pairs))

    def _share(self, opened: OpenStartups) -> tuple[OpenStartups, dict[str, Any]]:
        """The startups over mapped texts, and what the manifest says of them."""
        texts = _texts(opened)
        name = self._arrays.put(texts)
        lengths = np.linalg.norm(texts, axis=1)
        is_unit = bool((np.abs(lengths[lengths > 0] - 1.0) < _UNIT_TOLERANCE).all())
        unit_name = name if is_unit else self._arrays.put(unit_rows(texts))
        rows = self._arrays.rows(name)
        unit = rows if is_unit else self._arrays.rows(unit_name)
        mapped = rows.first(len(texts))
        startups = [
            startup if startup.embedding is None else replace(startup, embedding=mapped[row])
            for row, startup in enumerate(opened.startups)
        ]
        return replace(opened, startups=startups, text_rows=unit), {
            "startups": self._put("startups", startups_table(startups)),
            "texts": name,
            "unit_texts": unit_name,
            "unusable": sorted(opened.unusable),
            "encoder": opened.encoder,
            "foreign": sorted(opened.foreign),
            "read_at": opened.mark.read_at,
            "changed_at": opened.mark.changed_at,
            "version": opened.mark.version,
        }

    def _put(self, kind: str, table: pl.DataFrame) -> str:
        """Write a table under a name that says what it is."""
        content = io.BytesIO()
        table.write_parquet(content)
        name = f"{kind}-{hashlib.sha256(content.getbuffer()).hexdigest()}.parquet"
        write_atomically(self._folder / name, content.getvalue())
        return name

    def _write(self, facts: dict[str, Any]) -> None:
        manifest = _Manifest(format=FORMAT, **facts)
        write_atomically(self._folder / _MANIFEST, manifest.model_dump_json(indent=2).encode())
        for file in self._folder.glob("*.parquet"):
            if file.name not in {manifest.startups, manifest.pairs}:
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

    def _table(self, name: str) -> pl.DataFrame:
        """A table, proved to be what its name says."""
        try:
            content = (self._folder / Path(name).name).read_bytes()
        except OSError as error:
            raise SavedCatalogueError(f"the saved catalogue cannot be read: {error}") from error
        if hashlib.sha256(content).hexdigest() not in name:
            raise SavedCatalogueError(f"{self._folder / name} is damaged")
        return pl.read_parquet(io.BytesIO(content))


def _texts(opened: OpenStartups) -> FloatArray:
    """float32 [N, D], as they were read; zeros where there is none."""
    rows = np.zeros((len(opened.startups), EMBEDDING_DIM), dtype=np.float32)
    for row, startup in enumerate(opened.startups):
        if startup.embedding is not None:
            rows[row] = startup.embedding
    return rows
