"""The platform as in production, and the bare page, each under the same server; both log what each answer cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from serving_processes import REPOSITORY, free_port, until_answered

WORKERS = 2
THREADS = 4
SECRET = "a benchmark's own key, fifty characters long or more, for nothing else"  # noqa: S105 - protects nothing
KEYS = '{"bench": "a benchmark\'s own key between the houses, for nothing else"}'
KINDS = {
    "feed": re.compile(r"GET /$"),
    "startup": re.compile(r"GET /startups/[0-9a-f-]{36}/$"),
    "act": re.compile(r"POST /startups/[0-9a-f-]{36}/acts/$"),
    "activity": re.compile(r"GET /activity/$"),
    "bare": re.compile(r"GET /bare/$"),
}
_LOGGED = re.compile(r"config\.request_log: (?P<request>\w+ \S+) (?P<status>\d+) (?P<milliseconds>[\d.]+) ms")


@dataclass(frozen=True, kw_only=True)
class PageServer:
    """A server that answers, and where it logs."""

    port: int
    log: Path

    def server_milliseconds(self) -> dict[str, list[float]]:
        """What each answer of each kind cost the server, in the order of the log."""
        found: dict[str, list[float]] = defaultdict(list)
        for match in _LOGGED.finditer(self.log.read_text()):
            for kind, pattern in KINDS.items():
                if pattern.fullmatch(match["request"]) and int(match["status"]) < 400:
                    found[kind].append(float(match["milliseconds"]))
        return found


def production(environment: Mapping[str, str], *, service_port: int) -> dict[str, str]:
    """The settings of a production platform behind a proxy that speaks TLS."""
    return {
        **environment,
        "LAUNCHMATCH_PRODUCTION": "1",
        "SECRET_KEY": SECRET,
        "ALLOWED_HOSTS": '["127.0.0.1"]',
        "RECOMMENDATION_SERVICE_URL": f"http://127.0.0.1:{service_port}",
        "RECOMMENDATION_SERVICE_KEYS": KEYS,
        "TRUSTED_PROXIES": "1",
    }


@contextmanager
def platform_pages(environment: Mapping[str, str], log: Path) -> Iterator[PageServer]:
    """The platform's pages."""
    backend = REPOSITORY / "backend"
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=backend, env=environment, check=True)
    with _granian("config.wsgi:application", backend, environment, log, "/healthz") as started:
        yield started


@contextmanager
def bare_page(page: bytes, folder: Path, log: Path) -> Iterator[PageServer]:
    """One page of that content, drawn by Django from a template."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_bytes(b"{% verbatim %}" + page + b"{% endverbatim %}")
    environment = {
        **os.environ,
        "SECRET_KEY": SECRET,
        "BARE_DJANGO_PAGES": str(folder),
        "PYTHONPATH": str(REPOSITORY / "backend"),
    }
    with _granian(
        "bare_django:application", REPOSITORY / "benchmarks", environment, log, "/bare/", "--factory"
    ) as started:
        yield started


@contextmanager
def _granian(
    target: str, folder: Path, environment: Mapping[str, str], log: Path, ready: str, *options: str
) -> Iterator[PageServer]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--no-ws", *options, target]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            until_answered(process, port, ready)
            yield PageServer(port=port, log=log)
        finally:
            process.terminate()
            process.wait()
