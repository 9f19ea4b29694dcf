"""How fast and how lean answers are: the engine beside bare scans, the service beside a bare Flask application.

    make bench-serving
    make bench-serving BENCH_ARGS="--only engine --rounds 50"

Ratios are taken between turns of the same round, since machines are shared.
"""

from __future__ import annotations

import os

# Before anything starts threads: the figures are those of one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import argparse
import json
from pathlib import Path

from result import RESULTS, Row, write_result
from serving_engine import engine_rows
from serving_http import HttpEffort, measure_http

SEED = 7
PARTS = ("engine", "http")
WORK = Path(__file__).resolve().parents[1] / "var" / "bench-serving"


def main() -> None:
    """Measure the parts asked for and write `results/serving.json`; figures of the others stay as they were."""
    options = _options()
    rows = [row for row in _earlier_rows() if _part_of(row) not in options.only]
    for part in options.only:
        rows += _measure(part, options)
    print(f"written to {write_result('serving', rows=rows, data=None, seed=SEED)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these parts (default: all)")
    parser.add_argument("--rounds", type=int, default=100, help="of each contestant of the engine (default: 100)")
    parser.add_argument("--work", type=Path, default=WORK, help="where platforms are made (default: %(default)s)")
    return parser.parse_args()


def _measure(part: str, options: argparse.Namespace) -> list[Row]:
    if part == "engine":
        return engine_rows(seed=SEED, rounds=options.rounds)
    return measure_http(options.work, HttpEffort())


def _earlier_rows() -> list[Row]:
    path = RESULTS / "serving.json"
    if not path.exists():
        return []
    return [Row(**row) for row in json.loads(path.read_text())["rows"]]


def _part_of(row: Row) -> str:
    return "engine" if row.name.startswith("engine/") else "http"


if __name__ == "__main__":
    main()
