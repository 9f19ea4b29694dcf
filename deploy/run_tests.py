"""Runs the whole test suite on SQLite, then the database tests on PostgreSQL, and prints one closing line."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

DATABASE_TESTS = ["tests/backend", "tests/recommendation_service/adapters"]
OUTCOMES = ("failures", "errors", "skipped")


def main() -> int:
    """Run both parts; the exit status is that of the first part that failed."""
    with tempfile.TemporaryDirectory(prefix="launchmatch-tests-") as folder:
        reports = [Path(folder) / "sqlite.xml", Path(folder) / "postgresql.xml"]
        pytest = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
        on_postgres = [sys.executable, str(Path(__file__).with_name("with_postgres.py")), "--"]
        statuses = [
            _run("all tests, SQLite", [*pytest, f"--junit-xml={reports[0]}"]),
            _run(
                "database tests, PostgreSQL",
                [*on_postgres, *pytest, "-m", "not encoder", f"--junit-xml={reports[1]}", *DATABASE_TESTS],
            ),
        ]
        total, failed, skipped = _totals(reports)
    status = next((status for status in statuses if status), 0)
    failed = max(failed, int(status != 0))
    print(f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped", flush=True)
    return status


def _run(title: str, command: list[str]) -> int:
    print(f"== {title}", flush=True)
    return subprocess.run(command, check=False).returncode


def _totals(reports: list[Path]) -> tuple[int, int, int]:
    """Tests, failures and skips over all reports that were written."""
    suites = [suite for path in reports if path.exists() for suite in ElementTree.parse(path).iter("testsuite")]
    failures, errors, skipped = (sum(int(suite.get(name, 0)) for suite in suites) for name in OUTCOMES)
    return sum(int(suite.get("tests", 0)) for suite in suites), failures + errors, skipped


if __name__ == "__main__":
    raise SystemExit(main())
