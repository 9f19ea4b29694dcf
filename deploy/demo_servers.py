"""The two servers of the demo: start, wait until both answer, watch, stop."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

REPOSITORY = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0
STOP_SECONDS = 10.0
LOG_TAIL_LINES = 15


class DemoError(Exception):
    """The demo cannot go on; the message is one sentence that names the cure."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A member who can log in."""

    role: str
    id: str
    email: str
    password: str


def require_free_ports(ports: Mapping[str, int], *, example: str) -> None:
    """Make sure that nobody listens on the ports of both houses.

    The platform's server would share its port with another one, which then answers half of the visitors, and a service
    that is there already would answer in place of the one that could not start.

    Args:
        ports: The port of each house by its name, for which there is an option `--NAME-port`.
        example: How to give an option, `{}` standing for it.

    Raises:
        DemoError: If a port is taken, or is none.
    """
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError) as error:
                another = port + 100 if port < 65_000 else 8100
                raise DemoError(
                    f"port {port} cannot be had ({error}); stop what uses it or choose another: "
                    + example.format(f"--{name}-port {another}")
                ) from error


class Servers:
    """The platform and the recommendation service as child processes."""

    def __init__(self, environment: Mapping[str, str], *, logs: Path) -> None:
        self._environment = environment
        self._logs = logs
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.platform_url = f"http://127.0.0.1:{environment['PLATFORM_PORT']}"
        self.service_url = environment["RECOMMENDATION_SERVICE_URL"]

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self) -> None:
        """Start both and wait until they answer."""
        self._spawn("service", [sys.executable, "app.py"], "recommendation_service")
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        port = ["--port", self._environment["PLATFORM_PORT"], "--blocking-threads", "4"]
        self._spawn("platform", [*granian, *port, "config.wsgi:application"], "backend")
        self._await("service", f"{self.service_url}/readyz")
        self._await("platform", f"{self.platform_url}/login/")

    def addresses(self) -> str:
        """Where to look, one address a line."""
        return "\n".join(
            [
                f"  {self.platform_url}/            the platform: log in, or sign up as somebody new",
                f"  {self.platform_url}/console/    the engineer's console: models, trainings, lists explained (staff)",
                f"  {self.platform_url}/admin/      every record (staff)",
                f"  {self.platform_url}/api/docs/   the platform's REST API",
                f"  {self.service_url}/docs         the recommendation service's API",
            ]
        )

    def check(self, login: Login) -> None:
        """Log in as a member would and look at the feed.

        Raises:
            DemoError: If there is no feed, or it shows nothing.
        """
        feed = self._look(login, "/")
        if "<article" not in feed.text:
            raise DemoError(f"the feed of {login.email} shows no startup; look into {self._logs / 'platform.log'}")

    def check_console(self, engineer: Login) -> None:
        """Log in as the engineer and look for the model that was just trained.

        Raises:
            DemoError: If the console does not show that it serves.
        """
        models = self._look(engineer, "/console/models/")
        if "two_tower_v" not in models.text:
            raise DemoError(f"the console shows no model; look into {self._logs / 'platform.log'}")

    def _look(self, login: Login, path: str) -> httpx.Response:
        """A page as somebody who logged in sees it.

        Raises:
            DemoError: If it does not open.
        """
        with httpx.Client(base_url=self.platform_url, follow_redirects=True, timeout=30) as client:
            page = client.get("/login/")
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            if token is None:
                raise DemoError(f"the login page has no form; look into {self._logs / 'platform.log'}")
            form = {"csrfmiddlewaretoken": token[1], "username": login.email, "password": login.password}
            client.post("/login/", data=form, headers={"Referer": self.platform_url})
            found = client.get(path)
        if found.status_code != httpx.codes.OK or found.url.path != path:
            raise DemoError(
                f"{path} answered {login.email} with {found.status_code} at {found.url.path}; "
                f"look into {self._logs / 'platform.log'}"
            )
        return found

    def watch(self) -> None:
        """Return when interrupted.

        Raises:
            DemoError: If one of them ends.
        """
        with suppress(KeyboardInterrupt):
            self._poll(lambda: False, limit=None)

    def _spawn(self, name: str, command: list[str], folder: str) -> None:
        with (self._logs / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=REPOSITORY / folder, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )

    def _await(self, name: str, url: str) -> None:
        def answers() -> bool:
            try:
                return httpx.get(url, timeout=5).status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        if not self._poll(answers, limit=START_SECONDS):
            raise DemoError(f"the {name} did not answer at {url} within {START_SECONDS:.0f} s:\n{self._tail(name)}")

    def _poll(self, reached: Callable[[], bool], *, limit: float | None) -> bool:
        """Wait until `reached`, at most `limit` seconds; an ended server is an error."""
        deadline = time.monotonic() + limit if limit else None
        while deadline is None or time.monotonic() < deadline:
            if reached():
                return True
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise DemoError(f"the {name} ended (exit status {process.returncode}):\n{self._tail(name)}")
            time.sleep(0.2)
        return False

    def _tail(self, name: str) -> str:
        lines = (self._logs / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])
