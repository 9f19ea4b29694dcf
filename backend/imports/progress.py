"""Progress bars, and their silent twin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Item = TypeVar("Item")


class ProgressReporter(Protocol):
    """Shows how far a loop is."""

    def track(self, items: Iterable[Item], *, description: str, total: int | None = None) -> Iterable[Item]:
        """Pass `items` on unchanged; `total` is their number where it is known."""
        ...


class SilentProgress:
    """Shows nothing."""

    def track(self, items: Iterable[Item], *, description: str, total: int | None = None) -> Iterable[Item]:
        """Pass `items` on unchanged."""
        del description, total
        return items


class RichProgress:
    """One bar per loop."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def track(self, items: Iterable[Item], *, description: str, total: int | None = None) -> Iterable[Item]:
        """Pass `items` on unchanged while the bar moves."""
        return self._progress.track(items, description=description, total=total)


@contextmanager
def progress_bars() -> Iterator[ProgressReporter]:
    """Progress bars on standard error, for as long as the context lasts."""
    columns = (
        TextColumn("{task.description:<26}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield RichProgress(progress)
