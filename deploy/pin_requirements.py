"""Writes recommendation_service/requirements.txt: the exact versions, installed here, of all that the service needs.

The file pins what the `service`, `backend` and `encoder` extras of pyproject.toml bring, so that the commands of the
guides run after `pip install -r requirements.txt` alone.
"""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from recommendation_service.engines.atomic_files import write_atomically

REPOSITORY = Path(__file__).resolve().parents[1]
TARGET = REPOSITORY / "recommendation_service" / "requirements.txt"
EXTRAS = ("service", "backend", "encoder")
HEADER = """\
# Exact versions of everything that the commands of QUICK_START.md need. Install from this folder:
#     pip install -r requirements.txt
# Written by `make pins` from pyproject.toml; not edited by hand.
"""


def main() -> None:
    """Write the pins."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(line for name in EXTRAS for line in project["optional-dependencies"][name])]
    pins: dict[str, str] = {}
    for line in wanted:
        _collect(Requirement(line), pins)
    lines = [f"{name}=={version}" for name, version in sorted(pins.items())]
    write_atomically(TARGET, (HEADER + "\n".join(lines) + "\n-e ..\n").encode())
    print(f"{len(lines)} pins written to {TARGET.relative_to(REPOSITORY)}")


def _collect(requirement: Requirement, pins: dict[str, str]) -> None:
    """Add the installed version of a requirement, and of all that it needs, to `pins`."""
    name = canonicalize_name(requirement.name)
    if not _applies(requirement, {""}):
        return
    try:
        found = distribution(name)
    except PackageNotFoundError as error:
        raise SystemExit(f"{name} is not installed; run `make setup` first") from error
    known = name in pins
    pins[name] = Version(found.version).public  # a local build label (+cpu) belongs to one machine
    if known and not requirement.extras:
        return
    for line in found.requires or []:
        dependency = Requirement(line)
        if _applies(dependency, {"", *requirement.extras}):
            dependency.marker = None
            _collect(dependency, pins)


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


if __name__ == "__main__":
    main()
