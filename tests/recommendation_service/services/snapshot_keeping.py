"""What tests of keeping the snapshot fresh have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from contracts.api import Rung
from recommendation_service.services.ports import CatalogueChanges, CatalogueMark
from recommendation_service.services.snapshot import STRANGER
from recommendation_service.services.snapshot_keeper import SnapshotKeeper

NOW = datetime(2025, 6, 1, tzinfo=UTC)
NEW_ID = "00000000-0000-4000-8000-000000000001"


class Clock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def ids(keeper: SnapshotKeeper) -> set[str]:
    return {startup.id for startup in keeper.current().catalogue.startups}


def shown(keeper: SnapshotKeeper, rung: Rung = Rung.NEWEST) -> list[str]:
    """Ids of everything that a rung ranks for a stranger, by the mask that every list begins with."""
    snapshot = keeper.current()
    ranking = snapshot.rungs[rung].scorer.rank([STRANGER], 1000, snapshot.catalogue.mask())
    return [snapshot.catalogue.startups[column].id for column in ranking.columns[0] if column >= 0]


def fail_with(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


class ChangingDatabase:
    """Tells a change in pieces rather than everything."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.pending: list[CatalogueChanges] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def tell(self, *startups: Any, gone: Collection[str] = ()) -> None:
        mark = CatalogueMark(read_at=NOW)
        self.pending.append(CatalogueChanges(startups=startups, gone=frozenset(gone), unusable=frozenset(), mark=mark))

    def catalogue_changes(self, since: CatalogueMark, known: Collection[str], now: datetime) -> CatalogueChanges:
        nothing = CatalogueChanges(startups=(), gone=frozenset(), unusable=frozenset(), mark=since)
        return self.pending.pop(0) if self.pending else nothing
