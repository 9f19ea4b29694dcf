"""Where a job keeps its files. Every name is made here: none is ever taken from a request."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from contracts.dataset import DatasetPaths

DATASETS_KEPT = 3
TAIL_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class JobFolder:
    """The files of one job."""

    job_id: UUID

    @property
    def path(self) -> Path:
        """The folder itself."""
        return Path(settings.JOBS_DIR) / str(self.job_id)

    @property
    def log(self) -> Path:
        """All that its steps said."""
        return self.path / "log.txt"

    @property
    def dataset(self) -> DatasetPaths:
        """What a training learns from."""
        return DatasetPaths(self.path / "dataset" / "two_tower_train.csv")

    @property
    def upload(self) -> Path:
        """The folder of the tables that an import brings in."""
        return self.path / "upload"

    @property
    def heartbeat(self) -> Path:
        """Touched by the job's process as long as it is alive: the database may be one that it cannot write to."""
        return self.path / "heartbeat"

    def beat(self) -> None:
        """Say that the job's process is alive.

        Raises:
            OSError: If the folder is gone or its rights were taken away.
        """
        self.heartbeat.touch()

    def has_beaten_since(self, moment: datetime) -> bool:
        """Whether the job's process said that it was alive after a moment."""
        try:
            return datetime.fromtimestamp(self.heartbeat.stat().st_mtime, tz=UTC) > moment
        except FileNotFoundError:
            return False  # it has not begun

    def log_tail(self) -> str:
        """The last of the log, from the start of a line; empty when nothing has been said."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - TAIL_BYTES, 0))
            tail = file.read().decode(errors="replace")
        return tail if size <= TAIL_BYTES else tail.partition("\n")[2]


def remove_old_datasets(*, newest_first: list[UUID]) -> None:
    """Remove what earlier jobs were fed, which is large, except of the latest few; their logs stay."""
    for job_id in newest_first[DATASETS_KEPT:]:
        folder = JobFolder(job_id)
        for large in (folder.dataset.pairs.parent, folder.upload):
            if large.exists():
                shutil.rmtree(large)
