"""What an export cannot do without, and the sentence that says so and names the cure."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db.models import Max, Min

from contracts.dataset import DatasetPaths
from interactions.models import InteractionEvent
from recommendations.data_errors import DatasetExportError

_LOAD_DATA = (
    "`python manage.py import_crunchbase PATH`, `python manage.py import_platform DIR` or "
    "`python manage.py seed_platform --users 2000 --startups 600 --days 120 --seed 7`"
)


def require_target(target: DatasetPaths) -> None:
    """Refuse a place where no dataset can be put.

    Raises:
        DatasetExportError: The folder does not exist, a folder has the file's name, or a dataset of the other format
            has this name and would lose its users, startups and manifest.
    """
    folder, pairs = target.pairs.parent, target.pairs
    if not folder.is_dir():
        raise DatasetExportError(f"the folder {str(folder)!r} does not exist; create it, or choose another --output")
    if pairs.is_dir():
        raise DatasetExportError(f"--output {str(pairs)!r} is a folder; name a file in it")
    twin = pairs.with_suffix(".csv" if pairs.suffix == ".parquet" else ".parquet")
    if twin.exists():
        raise DatasetExportError(
            f"{twin.name} is in {str(folder)!r} and would share its other files with {pairs.name}; remove it, or "
            "choose another --output"
        )


def require_interactions() -> None:
    """Refuse a platform on which nothing happened.

    Raises:
        DatasetExportError: If there is no event.
    """
    if not InteractionEvent.objects.exists():
        raise DatasetExportError(f"no data loaded: the platform has no interactions; run one of {_LOAD_DATA}")


def require_embeddings(entities: int, without_embedding: int, model: str) -> None:
    """Refuse entities of which none has an embedding.

    Raises:
        DatasetExportError: If so.
    """
    if entities == without_embedding:
        raise DatasetExportError(
            f"missing embeddings: no user and no startup has one of the model {model!r}; "
            "run: python manage.py generate_embeddings"
        )


def nothing_in_window(since: datetime | None, until: datetime | None) -> str:
    """Why the dataset would be empty, and which window would not be."""
    span = InteractionEvent.objects.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    bounds = [f"--since {since}" if since else "", f"--until {until}" if until else ""]
    window = " and ".join(bound for bound in bounds if bound) or "any moment"
    return (
        f"no active person did anything that counts within {window}; the platform's interactions go from "
        f"{span['first']} to {span['last']}; widen the window, or load data with {_LOAD_DATA}"
    )


@contextmanager
def explained_write_errors(folder: Path) -> Iterator[None]:
    """Turn what the file system says into a sentence with a cure.

    Raises:
        DatasetExportError: For any OSError of the block.
    """
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DatasetExportError(
                f"the disk of {str(folder)!r} is full; free some space or choose another --output"
            ) from error
        raise DatasetExportError(
            f"cannot write to {str(folder)!r} ({error}); make it writable or choose another --output"
        ) from error
