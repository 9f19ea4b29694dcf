"""The one shape of a benchmark's result, and where it came from: machine, versions, seed, data."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
LIBRARIES = ("django", "flask", "implicit", "numpy", "polars", "sentence-transformers", "sqlalchemy", "torch")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure.

    Attributes:
        name: A path, e.g. `loop/import_s`.
        interval: [low, high] around the value, or None.
        against: Name of the peer or limit measured in the same run, or None.
        ratio: value / the peer's value, or None.
    """

    name: str
    value: float
    unit: str
    interval: tuple[float, float] | None = None
    against: str | None = None
    ratio: float | None = None


def write_result(benchmark: str, *, rows: Iterable[Row], data: Path | None, seed: int | None) -> Path:
    """Write `benchmarks/results/BENCHMARK.json` and return its path."""
    document = {
        "benchmark": benchmark,
        "command": " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}"]),
        "machine": machine(),
        "versions": {"python": platform.python_version(), **_versions()},
        "seed": seed,
        "data": {"name": data.name, "sha256": hashlib.sha256(data.read_bytes()).hexdigest()} if data else None,
        "rows": [asdict(row) for row in rows],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{benchmark}.json"
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(document, indent=2) + "\n")
    temporary.replace(path)
    return path


def machine() -> dict[str, str | int | float]:
    """The machine, without a name that would identify it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return models[0] if models else platform.processor()


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
