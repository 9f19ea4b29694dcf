"""A whole small platform on real ports: database, model, web server, recommendation service."""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BACKEND = REPOSITORY / "backend"
SERVICE = REPOSITORY / "recommendation_service"
SEED = ("--users", "150", "--startups", "60", "--days", "60", "--seed", "3")
START_SECONDS = 90.0
STOP_SECONDS = 15.0
DATABASE = "platform.sqlite3"


class LivePlatform:
    """One platform in one folder; the servers are started and stopped by the test that uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.service_port = _free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
            "MODELS_DIR": str(folder / "models"),
            "JOBS_DIR": str(folder / "jobs"),
            "TEXT_ENCODER": "hashing",
            "SERVICE_PORT": str(self.service_port),
            "RECOMMENDATION_SERVICE_URL": f"http://127.0.0.1:{self.service_port}",
            "RECOMMENDATION_SERVICE_TIMEOUT_SECONDS": "1.0",
            "REFRESH_SECONDS": "0.5",
            "EMAIL_DIR": str(folder / "mail"),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def build(self) -> None:
        """Migrate, simulate, embed, export, train and activate: what every test begins with."""
        data = self.folder / "data"
        data.mkdir()
        dataset = str(data / "two_tower_train.csv")
        self.manage("migrate", "--verbosity", "0")
        self.manage("seed_platform", *SEED)
        self.manage("generate_embeddings")
        self.manage("generate_two_tower_dataset", "--output", dataset, "--negative-samples", "2")
        train = ["train_two_tower.py", "--data", dataset, "--models", str(self.folder / "models")]
        self._run([*train, "--preset", "history", "--epochs", "3", "--write-routing", "--activate"], SERVICE)
        shutil.rmtree(data)

    def manage(self, *arguments: str) -> str:
        """What a `manage.py` command says."""
        return self._run(["manage.py", *arguments], BACKEND)

    def start(self) -> None:
        """Start both servers and wait until they answer."""
        self.start_service(wait=False)
        self.start_pages()
        self._await("service", f"http://127.0.0.1:{self.service_port}/readyz")

    def start_pages(self) -> None:
        """Start the web server."""
        granian = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
        self._spawn("platform", [*granian, "--blocking-threads", "4", "config.wsgi:application"], BACKEND)
        self._await("platform", f"{self.url}/healthz")

    def stop_pages(self) -> None:
        """End the web server, as an operator would."""
        self._stop("platform")

    def start_service(self, *, wait: bool = True) -> None:
        """Start the recommendation service."""
        self._spawn("service", ["app.py"], SERVICE)
        if wait:
            self._await("service", f"http://127.0.0.1:{self.service_port}/readyz")

    def stop_service(self) -> None:
        """End it, as an operator would."""
        self._stop("service")

    def signal_service(self, number: signal.Signals) -> None:
        """Stop (SIGSTOP) or continue (SIGCONT) all its processes, where they stand."""
        os.killpg(self._processes["service"].pid, number)

    def stop(self) -> None:
        """End whatever runs."""
        for name in list(self._processes):
            self._stop(name)

    def newest_mail(self, address: str) -> str:
        """The text of the newest e-mail to an address, as soon as there is one: it is sent behind the answer."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            files = sorted((self.folder / "mail").glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
            mails = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
            own = [mail for mail in mails if mail["To"] == address]
            if own:
                return str(own[-1].get_body(("plain",)).get_content())
            time.sleep(0.1)
        raise AssertionError(f"no e-mail to {address} came")

    def log(self, name: str) -> str:
        """What a server said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _run(self, command: list[str], folder: Path) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command} failed:\n{done.stdout[-3000:]}"
        return done.stdout

    def _spawn(self, name: str, command: list[str], folder: Path) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _await(self, name: str, url: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._processes[name].poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"the {name} did not answer at {url}:\n{self.log(name)[-3000:]}")

    def _stop(self, name: str) -> None:
        process = self._processes.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGCONT)
            process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
