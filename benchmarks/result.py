"""The one shape of a benchmark's result, and where it came from: machine, versions, seed, data."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
LIBRARIES = (
    "django",
    "flask",
    "implicit",
    "lightgbm",
    "numpy",
    "polars",
    "sentence-transformers",
    "sqlalchemy",
    "torch",
    "torch-rechub",
)


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
    path = RESULTS / f"{benchmark}.json"
    document = {
        **circumstances(benchmark, seed=seed),
        "data": {"name": data.name, "sha256": sha256(data)} if data else None,
        "rows": [asdict(row) for row in rows],
    }
    return write_document(path, document)


def circumstances(benchmark: str, *, seed: int | None) -> dict[str, Any]:
    """What every result says of how it came about."""
    return {
        "benchmark": benchmark,
        "command": " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}"]),
        "machine": machine(),
        "versions": {"python": platform.python_version(), **_versions()},
        "seed": seed,
    }


def write_document(path: Path, document: Mapping[str, Any]) -> Path:
    """Write JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(document, indent=2) + "\n")
    temporary.replace(path)
    return path


def sha256(file: Path) -> str:
    """Of a file's bytes."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


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
