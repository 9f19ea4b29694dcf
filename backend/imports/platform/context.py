"""What the tables of one run share: who and what is known by which key, and the summary."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from accounts.models import User
from imports.bulk import ids_by_external_id
from imports.errors import RowRefusedError
from imports.platform.columns import TABLES
from imports.platform.files import count_rows, is_ragged, read_rows
from imports.platform.values import Row, parse_row
from imports.progress import ProgressReporter
from imports.row_writer import RowWriter
from imports.summary import ImportSummary
from startups.models import Startup

Record = TypeVar("Record")


@dataclass(kw_only=True)
class ImportContext:
    """The state of one run.

    Attributes:
        people: Key of each person by external id, those of this run included.
        startups: Likewise.
        owners: The owner of each startup that has one, by the startup's key.
        row: Number of the row that is being read.
    """

    writer: RowWriter
    progress: ProgressReporter
    summary: ImportSummary = field(default_factory=ImportSummary)
    people: dict[str, UUID] = field(default_factory=lambda: ids_by_external_id(User))
    startups: dict[str, UUID] = field(default_factory=lambda: ids_by_external_id(Startup))
    owners: dict[UUID, UUID] = field(default_factory=lambda: _owners())
    row: int = 0

    def records(self, table: str, path: Path, build: Callable[[Row], Record]) -> Iterator[Record]:
        """What `build` makes of each row; rows it refuses are counted and left out."""
        rows = self.progress.track(read_rows(path), description=f"Reading {table}", total=count_rows(path))
        for self.row, raw in rows:
            self.summary.read[table] += 1
            try:
                if is_ragged(raw):
                    raise RowRefusedError("it has more or fewer values than the header has columns")
                yield build(parse_row(raw, TABLES[table]))
            except RowRefusedError as refusal:
                self.summary.refuse(table, self.row, refusal)

    def person(self, external_id: str) -> UUID:
        """The key of a person.

        Raises:
            RowRefusedError: If nobody has this external id.
        """
        if external_id not in self.people:
            raise RowRefusedError("it names a user that is neither in users nor on the platform", external_id)
        return self.people[external_id]

    def startup(self, external_id: str) -> UUID:
        """The key of a startup.

        Raises:
            RowRefusedError: If no startup has this external id.
        """
        if external_id not in self.startups:
            raise RowRefusedError("it names a startup that is neither in startups nor on the platform", external_id)
        return self.startups[external_id]


def _owners() -> dict[UUID, UUID]:
    return {
        startup: owner
        for startup, owner in Startup.objects.exclude(owner=None).values_list("id", "owner_id").iterator()
        if owner is not None
    }


class OnceOnly:
    """Refuses the second row of a key; remembers 16 bytes of each, so that millions fit."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._seen: set[bytes] = set()

    def require_new(self, *key: str) -> None:
        """Remember the key, of one part or several; no part holds a NUL, so that `a b, c` is not `a, b c`.

        Raises:
            RowRefusedError: If it came before.
        """
        digest = hashlib.blake2b("\x00".join(key).encode(), digest_size=16).digest()
        if digest in self._seen:
            raise RowRefusedError(f"{self._what} stands twice", " ".join(key).strip())
        self._seen.add(digest)
