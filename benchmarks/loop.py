"""Crunchbase 2013 through the whole loop: what each step costs in time and memory.

    make bench-loop        (or: python benchmarks/loop.py --data path/to/crunch2013.zip)

Every step is the documented command, run as a process of its own in a fresh folder. Wall time, peak resident memory
and rows per second of each; the loop ends with the first answer of the service to a warm and to a new investor.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from first_answer import first_answers
from result import Row, write_result

from contracts.dataset import DatasetManifest, DatasetPaths

REPOSITORY = Path(__file__).resolve().parents[1]
BACKEND = REPOSITORY / "backend"
SERVICE = REPOSITORY / "recommendation_service"
SEED = 7


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one process took."""

    seconds: float
    peak_gib: float


def main() -> None:
    """Run the loop and write `results/loop.json`."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="launchmatch-loop-") as name:
        folder = Path(name)
        dataset = folder / "data" / "two_tower_train.csv"
        dataset.parent.mkdir()
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder / 'launchmatch.sqlite3'}",
            "MODELS_DIR": str(folder / "models"),
        }
        rows = _loop(options.data, dataset, folder / "models", environment)
    print(f"written to {write_result('loop', rows=rows, data=options.data, seed=SEED)}")


def _options() -> argparse.Namespace:
    default = Path(os.environ.get("LAUNCHMATCH_DATA") or REPOSITORY.parent / "shared" / "data")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default / "crunchbase2013" / "crunch2013.zip")
    options = parser.parse_args()
    if not options.data.is_file():
        parser.error(f"there is no file {options.data}; give Crunchbase's crunch2013.zip with --data")
    return options


def _loop(data: Path, dataset: Path, models: Path, environment: Mapping[str, str]) -> list[Row]:
    manage = [sys.executable, "manage.py"]
    train = [sys.executable, "train_two_tower.py", "--data", str(dataset), "--models", str(models)]
    _run([*manage, "migrate", "--verbosity", "0"], BACKEND, environment)
    imported = _run([*manage, "import_crunchbase", str(data)], BACKEND, environment)
    embedded = _run([*manage, "generate_embeddings"], BACKEND, environment)
    generate = ["generate_two_tower_dataset", "--output", str(dataset), "--negative-samples", "2", "--seed", str(SEED)]
    generated = _run([*manage, *generate], BACKEND, environment)
    trained = _run([*train, "--protocol", "cb2013", "--seed", str(SEED), "--activate"], SERVICE, environment)
    model = sorted(models.glob("two_tower_v*.pth"))[-1]
    evaluated = _run([*train, "--evaluate", "--model", str(model)], SERVICE, environment)
    manifest = DatasetManifest.model_validate_json(DatasetPaths(dataset).manifest.read_text())
    steps = {
        "import": (imported, manifest.positives + manifest.users.rows + manifest.startups.rows),
        "embeddings": (embedded, manifest.users.rows + manifest.startups.rows),
        "dataset": (generated, manifest.pairs.rows),
        "training": (trained, None),
        "evaluation": (evaluated, None),
    }
    rows = [row for name, (cost, count) in steps.items() for row in _rows(name, cost, count)]
    total = sum(cost.seconds for cost, _ in steps.values())
    return [*rows, Row(name="loop/total_s", value=total, unit="s"), *first_answers(environment)]


def _rows(name: str, cost: Cost, count: int | None) -> list[Row]:
    rows = [
        Row(name=f"loop/{name}_s", value=round(cost.seconds, 2), unit="s"),
        Row(name=f"loop/{name}_peak_gib", value=round(cost.peak_gib, 3), unit="GiB"),
    ]
    if count is not None:
        rows.append(Row(name=f"loop/{name}_rows_per_s", value=round(count / cost.seconds, 1), unit="rows/s"))
    return rows


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a command to its end and take the operating system's word for what it used."""
    print("$", " ".join(command[1:]), flush=True)
    started = time.monotonic()
    os.chdir(folder)
    pid = os.posix_spawn(command[0], command, environment)
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(command[1:])} failed; what it said stands above")
    return Cost(seconds=time.monotonic() - started, peak_gib=usage.ru_maxrss / 2**20)


if __name__ == "__main__":
    main()
