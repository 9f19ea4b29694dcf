"""Minutes of mixed load on a real service while models are swapped, the catalogue changes and things break.

    python benchmarks/soak.py --minutes 10

Two workers on a PostgreSQL server of their own. Every answer is checked: right person, one version, nothing forbidden,
nothing twice, every score what its version always says. Ends with status 1 if an answer was lost, wrong or mixed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from threading import Event

from result import Row, write_result
from serving_processes import service
from soak_checks import Checker, Truth
from soak_clients import Client
from soak_events import Events
from soak_platform import SoakPlatform, soak_platform

SEED = 7


def main() -> int:
    """Soak, write the result, say what went wrong."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="launchmatch-soak-") as folder, soak_platform(Path(folder)) as platform:
        rows, wrong = _soak(platform, minutes=options.minutes, clients=options.clients)
    write_result("soak", rows=rows, data=None, seed=SEED)
    for row in rows:
        print(f"{row.name:<40}{row.value:>14.3f} {row.unit}")
    for told in wrong:
        print(f"WRONG: {told}")
    failed = {row.name: row.value for row in rows if row.name in {"soak/lost", "soak/wrong"}}
    return int(any(failed.values()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=4)
    return parser.parse_args()


def _soak(platform: SoakPlatform, *, minutes: float, clients: int) -> tuple[list[Row], list[str]]:
    members, startups = platform.members(), platform.startups()
    versions = {file.stem for file in platform.models.glob("two_tower_v*.pth")}
    checker = Checker(Truth(forbidden=platform.forbidden(), versions=versions))
    stop = Event()
    with service(platform.environment) as server:
        asking = [Client(server.port, checker, members, startups, stop, seed=number) for number in range(clients)]
        events = Events(platform, checker, server.port, server.pid, members, seed=SEED)
        begun, before = time.monotonic(), server.memory_mib()
        for client in asking:
            client.start()
        try:
            events.run(begun + 60 * minutes)
        finally:
            stop.set()
            for client in asking:
                client.join()
        seconds, after = time.monotonic() - begun, server.memory_mib()
    rows = [*_load_rows(asking, checker, seconds), *_event_rows(events)]
    rows += [_row("memory_before_mib", before[-1][0], "MiB"), _row("memory_after_mib", after[-1][0], "MiB")]
    return rows, checker.wrong


def _load_rows(asking: list[Client], checker: Checker, seconds: float) -> list[Row]:
    statuses = sum((client.asked.statuses for client in asking), Counter[int]())
    milliseconds = sorted(time for client in asking for time in client.asked.milliseconds)
    lists = sum(count for name, count in checker.counts.items() if name.startswith("rung "))
    return [
        _row("minutes", seconds / 60, "min"),
        _row("answers", sum(statuses.values()), "answers"),
        _row("answers_per_second", sum(statuses.values()) / seconds, "1/s"),
        _row("lost", sum(client.asked.lost for client in asking), "answers"),
        _row("wrong", checker.counts["wrong"], "answers"),
        _row("broken_and_asked_again", sum(client.asked.broken for client in asking), "connections"),
        _row("status_5xx", sum(count for status, count in statuses.items() if status >= 500), "answers"),
        _row("scores_compared", checker.counts["scores compared"], "scores"),
        _row("degraded_share", checker.counts["degraded"] / max(lists, 1), ""),
        _row("answered_as_strangers_share", checker.counts["to strangers"] / max(lists, 1), ""),
        _row("p50_ms", statistics.median(milliseconds), "ms"),
        _row("p99_ms", milliseconds[int(0.99 * len(milliseconds))], "ms"),
    ]


def _event_rows(events: Events) -> list[Row]:
    seen = events.seen_seconds
    return [
        *(_row(f"events/{name}", count, "times") for name, count in sorted(events.counts.items())),
        _row("new_startup_seen_median_s", statistics.median(seen), "s"),
        _row("new_startup_seen_max_s", max(seen), "s"),
    ]


def _row(name: str, value: float, unit: str) -> Row:
    return Row(name=f"soak/{name}", value=round(float(value), 4), unit=unit)


if __name__ == "__main__":
    raise SystemExit(main())
