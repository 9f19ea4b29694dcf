"""The recommendation service as a process of its own on a real port, for tests that do it harm."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import recommendation_service
from contracts.access import DEVELOPMENT_KEY, DEVELOPMENT_KEY_ID, SUBJECT_OF_PLATFORM, Scope
from recommendation_service.http_api.tokens import sign_token

FOLDER = Path(recommendation_service.__file__).parent
KEYS = {DEVELOPMENT_KEY_ID: DEVELOPMENT_KEY}
PATIENCE_SECONDS = 60.0
STOP_SECONDS = 30.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def token(scope: Scope, user_id: object = None) -> str:
    """A token of a minute."""
    subject = SUBJECT_OF_PLATFORM if scope is Scope.PLATFORM else str(user_id or uuid4())
    return sign_token(KEYS, scope, subject, timedelta(minutes=1))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class LiveService:
    """A service process and the address it answers on; ends with its `with` block."""

    def __init__(self, folder: Path, database_url: str, **settings: str) -> None:
        """Start it.

        Args:
            folder: Holds its models, its state and its log.
            database_url: The platform's database.
            settings: Environment variables that differ.
        """
        self.port = free_port()
        self.folder = folder
        self.log = folder / f"service-{self.port}.log"
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "MODELS_DIR": str(folder / "models"),
            "STATE_DIR": str(folder / "state"),
            "SERVICE_PORT": str(self.port),
            "REFRESH_SECONDS": "0.2",
            "OMP_NUM_THREADS": "1",
            **settings,
        }
        self.process = self._spawn()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ask(
        self,
        path: str,
        *,
        scope: Scope = Scope.OPERATOR,
        user_id: object = None,
        body: object = None,
        timeout: float = 30.0,
    ) -> Answer:
        """The answer to a GET, or with a body to a POST."""
        headers = {"Authorization": f"Bearer {token(scope, user_id)}"}
        content = None if body is None else json.dumps(body)
        if content is not None:
            headers["Content-Type"] = "application/json"
        begun = time.monotonic()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as connection:
            connection.request("GET" if body is None else "POST", path, content, headers)
            response = connection.getresponse()
            read = response.read()
            return Answer(
                status=response.status,
                headers={name.lower(): value for name, value in response.getheaders()},
                body=read,
                seconds=time.monotonic() - begun,
            )

    def recommend(self, user_id: object, **query: object) -> Answer:
        """A person's list, asked for by the platform."""
        words = "&".join(f"{name}={value}" for name, value in query.items())
        return self.ask(f"/v1/users/{user_id}/recommendations?{words}", scope=Scope.PLATFORM)

    def readiness(self) -> Any:
        """What /readyz says; None while nobody answers."""
        try:
            return self.ask("/readyz").json
        except (OSError, http.client.HTTPException):
            return None

    def is_ready(self) -> bool:
        """Whether it can answer."""
        state = self.readiness()
        return state is not None and state["ready"]

    def is_listening(self) -> bool:
        """Whether somebody takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def await_ready(self) -> Self:
        """Wait until it can answer.

        Raises:
            AssertionError: If it never can; with its log.
        """
        eventually(lambda: self.is_ready() or self.process.poll() is not None)
        assert self.is_ready(), self.said()[-3000:]
        return self

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [pid for pid in map(int, listed) if "resource_tracker" not in _command(pid)]

    def send(self, number: signal.Signals) -> None:
        """A signal to its main process."""
        self.process.send_signal(number)

    def stop(self) -> int:
        """End it as an operator does, and by force if that does not end it."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            return self.process.wait()

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(errors="replace")

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=FOLDER,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""
