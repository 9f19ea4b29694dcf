"""Servers under measurement: started as an operator would, awaited, weighed, stopped."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import jwt

from contracts.access import (
    ALGORITHM,
    AUDIENCE,
    DEVELOPMENT_KEY,
    DEVELOPMENT_KEY_ID,
    ISSUER,
    SUBJECT_OF_PLATFORM,
    Claim,
    Scope,
)

REPOSITORY = Path(__file__).resolve().parents[1]
START_SECONDS = 180.0
WORKERS = 2
THREADS = 4


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that answers.

    Attributes:
        port: On the loopback address.
        pid: Of its first process; workers are its children.
        ready_seconds: From its start to its first answer.
    """

    port: int
    pid: int
    ready_seconds: float

    def memory_mib(self) -> list[tuple[float, float]]:
        """Resident and proportional (shared pages divided by who shares them) memory of each worker."""
        return sorted(_memory(pid) for pid in _children(self.pid) if _is_worker(pid))


def token(scope: Scope) -> str:
    """A token for the development key that outlives a benchmark."""
    now = datetime.now(tz=UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": SUBJECT_OF_PLATFORM if scope is Scope.PLATFORM else str(UUID(int=7)),
        "iat": now,
        "exp": now + timedelta(hours=3),
        Claim.SCOPE.value: scope.value,
    }
    return jwt.encode(claims, DEVELOPMENT_KEY, algorithm=ALGORITHM, headers={"kid": DEVELOPMENT_KEY_ID})


@contextmanager
def service(environment: Mapping[str, str], *, workers: int = WORKERS) -> Iterator[Server]:
    """The recommendation service, ready to answer."""
    settings = {"WORKERS": str(workers), "THREADS": str(THREADS), "SERVICE_HOST": "127.0.0.1"}
    with _server(
        [sys.executable, "app.py"],
        REPOSITORY / "recommendation_service",
        {**environment, **settings},
        port_variable="SERVICE_PORT",
        path="/readyz",
    ) as started:
        yield started


@contextmanager
def bare_flask(body: Path, *, workers: int = WORKERS) -> Iterator[Server]:
    """A Flask application that answers one body from memory, under the same server with the same workers."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "bare_flask:create_app"]
    command += ["--workers", str(workers), "--blocking-threads", str(THREADS), "--no-ws"]
    environment = {**os.environ, "BARE_FLASK_BODY": str(body), "GRANIAN_HOST": "127.0.0.1"}
    with _server(
        command, REPOSITORY / "benchmarks", environment, port_variable="GRANIAN_PORT", path="/ready"
    ) as started:
        yield started


@contextmanager
def _server(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, port_variable: str, path: str
) -> Iterator[Server]:
    port = free_port()
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, port_variable: str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until_answered(process, port, path)
        yield Server(port=port, pid=process.pid, ready_seconds=time.monotonic() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def until_answered(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Wait for a server's first answer to a path.

    Raises:
        SystemExit: If it ends, or takes too long.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            pass  # not listening yet
        finally:
            connection.close()
        time.sleep(0.05)
    raise SystemExit(f"{path} did not answer within {START_SECONDS:.0f} s (exit status {process.poll()})")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    """All descendants."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(grandchild for child in children for grandchild in _children(child))]


def _is_worker(pid: int) -> bool:
    """Multiprocessing's resource tracker is a child too, and no worker."""
    return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()


def _memory(pid: int) -> tuple[float, float]:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return _mib(fields["Rss"]), _mib(fields["Pss"])


def _mib(text: str) -> float:
    return int(text.split()[0]) / 1024
