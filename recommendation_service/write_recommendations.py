"""Writes everybody's best startups to a Parquet file, from the same database, models and rules as the service.

python write_recommendations.py                                     data/recommendations.parquet, 20 places each
python write_recommendations.py --output lists.parquet --k 50       another file, longer lists
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track
from threadpoolctl import threadpool_limits

from recommendation_service.adapters.database_engine import DatabaseUrlError
from recommendation_service.adapters.recommendations_file import recommendations_file
from recommendation_service.app import build_database, build_service
from recommendation_service.engines.errors import ConfigError
from recommendation_service.logging_setup import configure_logging
from recommendation_service.services.block_ranking import RankedPerson
from recommendation_service.services.eligible import eligible_rows
from recommendation_service.services.errors import DatabaseUnavailableError, NotReadyError, ServiceError
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.settings import read_settings

DEFAULT_OUTPUT = Path(__file__).resolve().parent / "data" / "recommendations.parquet"
MOST_PLACES = 1000
PEOPLE_AT_ONCE = 1000
"""People whose lists are written together: one row group of the file each."""
PATIENCE_SECONDS = 1.0
"""The deadline of a request, which longer ones go by: nobody waits for the file, and a slow read must not spoil it."""
console = Console(stderr=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file; what keeps it from being written ends in one sentence and status 2."""
    options = _parser().parse_args(arguments)
    configure_logging()
    torch.set_num_threads(1)
    threadpool_limits(limits=1, user_api="blas")
    try:
        _write(options.output, options.k)
    except (ConfigError, DatabaseUrlError, ServiceError, OSError) as error:
        sys.stderr.write(f"write_recommendations.py: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="write_recommendations.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="the file to write or replace")
    parser.add_argument("--k", type=_places, default=20, help=f"places of each list, 1 to {MOST_PLACES}")
    return parser


def _places(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PLACES:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MOST_PLACES}, got {text!r}")
    return int(text)


def _write(output: Path, k: int) -> None:
    settings = read_settings().model_copy(update={"database_timeout_seconds": PATIENCE_SECONDS})
    database, started = build_database(settings), time.perf_counter()
    service = build_service(settings, database)
    user_ids, now, rows = database.user_ids(), datetime.now(UTC), 0
    snapshot = _sound_snapshot(service)
    # The catalogue lives to the end: looking through it for garbage again and again takes as long as reading people.
    gc.freeze()
    with recommendations_file(output, snapshot, now) as file:
        ranked = _ranked(service, snapshot, user_ids, k, now)
        for _ in track(range(-(-len(user_ids) // PEOPLE_AT_ONCE)), "Writing lists", console=console):
            rows += file.write(list(islice(ranked, PEOPLE_AT_ONCE)))
    _report(service, output, people=len(user_ids), rows=rows, seconds=time.perf_counter() - started)


def _sound_snapshot(service: RecommendationService) -> Snapshot:
    """What lists are made from.

    Raises:
        NotReadyError: If the catalogue or the active model could not be read: a service answers by something else then,
            but a file would hide it.
    """
    snapshot = service.keeper.current()
    if service.keeper.problems:
        raise NotReadyError("; ".join(f"{what}: {problem}" for what, problem in service.keeper.problems.items()))
    return snapshot


def _ranked(
    service: RecommendationService, snapshot: Snapshot, user_ids: Sequence[str], k: int, now: datetime
) -> Iterator[RankedPerson]:
    """Everybody's list; who left in the meantime is left out.

    Raises:
        DatabaseUnavailableError: If people could not be read: lists for strangers in their place would be wrong.
    """
    found = service.ranking.ranked(snapshot, user_ids, k, now, lambda users: eligible_rows(snapshot, users))
    for _, ranked in found:
        if ranked is None:
            continue
        if ranked.person.problems:
            raise DatabaseUnavailableError(f"{'; '.join(ranked.person.problems)}; nothing was written")
        yield ranked


def _report(service: RecommendationService, output: Path, *, people: int, rows: int, seconds: float) -> None:
    console.print(f"{rows} places for {people} people in {seconds:.1f} s: {output}")
    for (what, cause), count in sorted(service.fallbacks.counts.items()):
        console.print(f"{what} was due but failed {count} times: {cause}")


if __name__ == "__main__":
    raise SystemExit(main())
