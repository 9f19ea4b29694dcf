"""A whole startup platform on this machine: data, embeddings, training in front of you, both servers, one page.

    python deploy/demo.py                       the simulated platform
    python deploy/demo.py --data crunch2013.zip the real one: Crunchbase's export of October 2013

Everything it makes lies in `var/demo/`, in a folder of its own for each data set; what is there already is reused, and
another file, or a changed one, gets another platform. Ctrl-C stops all that it started.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parent))  # the scripts of this folder are not a package

from demo_data import platform_name
from demo_servers import DemoError, Login, Servers, require_free_ports

REPOSITORY = Path(__file__).resolve().parents[1]
PLATFORMS = REPOSITORY / "var" / "demo"
BACKEND = REPOSITORY / "backend"
SERVICE = REPOSITORY / "recommendation_service"
NEEDED_DISK_GIB = 1.0
SEED = ("--users", "2000", "--startups", "600", "--days", "120", "--seed", "7")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command of the loop; once its `marker` exists, it is not run again."""

    title: str
    command: list[str]
    folder: Path
    marker: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one demo keeps its files."""

    folder: Path

    @property
    def dataset(self) -> Path:
        """The pairs file of the dataset."""
        return self.folder / "data" / "two_tower_train.csv"

    @property
    def models(self) -> Path:
        """The model registry."""
        return self.folder / "models"

    def environment(self, *, platform_port: int, service_port: int) -> Mapping[str, str]:
        """The settings of every process of the demo."""
        return {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{self.folder / 'launchmatch.sqlite3'}",
            "MODELS_DIR": str(self.models),
            "STATE_DIR": str(self.folder / "state"),
            "JOBS_DIR": str(self.folder / "jobs"),
            "EMAIL_DIR": str(self.folder / "mail"),
            "SERVICE_HOST": "127.0.0.1",
            "SERVICE_PORT": str(service_port),
            "PLATFORM_PORT": str(platform_port),
            "RECOMMENDATION_SERVICE_URL": f"http://127.0.0.1:{service_port}",
            "PYTHONUNBUFFERED": "1",
        }


def main(arguments: list[str]) -> int:
    """Run the demo; returns the exit status."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _stop)
    try:
        _demo(options)
    except DemoError as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before it was ready.")
        return 128 + signal.SIGINT
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="demo", description="A startup platform with a model trained in front of you."
    )
    parser.add_argument(
        "--data", type=Path, help="Crunchbase's export (crunch2013.zip) instead of a simulated platform"
    )
    parser.add_argument("--platform-port", type=int, default=8000)
    parser.add_argument("--service-port", type=int, default=5001)
    parser.add_argument("--exit", action="store_true", help="stop as soon as everything has answered")
    return parser.parse_args(arguments)


def _demo(options: argparse.Namespace) -> None:
    started = time.monotonic()
    place = _place(options.data)
    environment = place.environment(platform_port=options.platform_port, service_port=options.service_port)
    _check(options, place)
    print(f"== Platform in {place.folder}", flush=True)
    for step in _steps(place, options.data):
        _run(step, environment)
    with Servers(environment, logs=place.folder / "logs") as servers:
        servers.start()
        logins = _logins(environment)
        for login in logins:
            servers.check(login)
        servers.check_console(logins[-1])
        print(f"\nReady after {time.monotonic() - started:.0f} s.\n\n{servers.addresses()}\n")
        print(f"  {place.folder / 'mail'}: what the platform sends by e-mail, such as the link that ends a sign-up\n")
        print("\n".join(f"  {login.role:<14}{login.email:<44}{login.password}" for login in logins))
        if not options.exit:
            print("\nPress Ctrl-C to stop.", flush=True)
            servers.watch()
            print("\nStopped.")


def _place(data: Path | None) -> Place:
    """Where the demo on this data lives."""
    try:
        return Place(folder=PLATFORMS / platform_name(data))
    except FileNotFoundError as error:
        raise DemoError(f"there is no file {data}; give the path of Crunchbase's crunch2013.zip") from error
    except OSError as error:
        raise DemoError(f"{data} cannot be read ({error}); give the path of Crunchbase's crunch2013.zip") from error


def _check(options: argparse.Namespace, place: Place) -> None:
    """Refuse now what would fail in minutes."""
    place.dataset.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(place.folder).free / 2**30
    if free < NEEDED_DISK_GIB:
        raise DemoError(f"{free:.1f} GiB of disk are free and {NEEDED_DISK_GIB:.0f} GiB are needed; make room")
    ports = {"platform": options.platform_port, "service": options.service_port}
    require_free_ports(ports, example='make demo DEMO_ARGS="{}"')


def _steps(place: Place, data: Path | None) -> list[Step]:
    manage = [sys.executable, "manage.py"]
    source = ["import_crunchbase", str(data.resolve())] if data else ["seed_platform", *SEED]
    dataset = ["generate_two_tower_dataset", "--output", str(place.dataset), "--negative-samples", "2"]
    train = ["train_two_tower.py", "--data", str(place.dataset), "--models", str(place.models)]
    what = ["--preset", "history", "--ensemble", "--write-routing"]
    protocol = ["--protocol", "cb2013"] if data else []
    return [
        Step(title="Database", command=[*manage, "migrate", "--verbosity", "0"], folder=BACKEND),
        Step(
            title="People and startups",
            command=[*manage, *source],
            folder=BACKEND,
            marker=place.folder / "imported",
        ),
        Step(title="Text embeddings", command=[*manage, "generate_embeddings"], folder=BACKEND),
        Step(
            title="Dataset",
            command=[*manage, *dataset],
            folder=BACKEND,
            marker=place.dataset.with_suffix(".manifest.json"),
        ),
        Step(
            title="Training and evaluation",
            command=[sys.executable, *train, *what, *protocol, "--activate"],
            folder=SERVICE,
            marker=place.folder / "trained",
        ),
    ]


def _run(step: Step, environment: Mapping[str, str]) -> None:
    if step.marker and step.marker.exists():
        print(f"== {step.title}: reused", flush=True)
        return
    print(f"== {step.title}", flush=True)
    started = time.monotonic()
    status = subprocess.run(step.command, cwd=step.folder, env=environment, check=False).returncode
    if status:
        raise DemoError(f"the step {step.title!r} failed (exit status {status}); what it said stands above")
    if step.marker:
        step.marker.touch()
    print(f"   {time.monotonic() - started:.1f} s", flush=True)


def _logins(environment: Mapping[str, str]) -> list[Login]:
    """One login per role, made by the platform."""
    command = [sys.executable, "manage.py", "demo_logins"]
    finished = subprocess.run(command, cwd=BACKEND, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise DemoError(f"no demo logins: {finished.stderr.strip()}")
    return [Login(**login) for login in json.loads(finished.stdout)]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
