"""A training as an engineer sees it in a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from recommendation_service.engines.training_history import EpochRecord


class TerminalObserver:
    """A progress bar with loss, NDCG, pairs/s and time left, and a line that stays for each epoch.

    Use as a context manager.
    """

    def __init__(self, console: Console, *, validation_k: int) -> None:
        self._console = console
        self._metric = f"NDCG@{validation_k}"
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task: TaskID | None = None
        self._name = ""
        self._epochs = 0
        self._epoch = 0
        self._best = 0.0
        self._pairs = 0
        self._started = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def run_started(self, *, name: str, epochs: int, epochs_done: int) -> None:
        """Begin a bar, from where a checkpoint left off."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._name, self._epochs, self._epoch, self._best = name, epochs, epochs_done, 0.0
        self._task = self._progress.add_task(self._title(), total=epochs, completed=epochs_done, figures="", rate="")
        self._begin_epoch()
        if epochs_done:
            self._console.print(f"{name}: going on after epoch {epochs_done} of {epochs}")

    def step_done(self, step: int, steps: int, pairs: int) -> None:
        """Advance the bar by a part of an epoch, and say how fast this epoch goes."""
        self._pairs += pairs
        rate = self._pairs / max(time.monotonic() - self._started, 1e-9)
        if self._task is not None:
            self._progress.update(self._task, completed=self._epoch + step / steps, rate=f"{rate:,.0f} pairs/s")

    def epoch_done(self, record: EpochRecord) -> None:
        """Leave a line, and show the figures on the bar."""
        self._epoch = record.epoch + 1
        figures = f"loss {record.loss:.4f}"
        if record.validation is not None:
            mark = " *" if record.validation > self._best else ""
            self._best = max(self._best, record.validation)
            figures += f"  {self._metric} {record.validation:.4f}{mark}"
        self._console.print(f"{self._name} epoch {self._epoch:>3}/{self._epochs}  {figures}  {record.seconds:.1f} s")
        if self._task is not None:
            self._progress.update(self._task, description=self._title(), completed=self._epoch, figures=figures)
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self._pairs, self._started = 0, time.monotonic()

    def _title(self) -> str:
        return f"{self._name} epoch {min(self._epoch + 1, self._epochs)}/{self._epochs}"
