"""Finds a Chromium for the browser tests, and can bring one: prints its path.

    python deploy/browser.py             the one that is there; status 1 and how to get one where there is none
    python deploy/browser.py --install   bring one where there is none: Playwright's own, else the distribution's

One of the system comes first; $CHROMIUM names another.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CURE = (
    "install one: `python deploy/browser.py --install`, or your distribution's chromium, or set $CHROMIUM to its path"
)
CURE_BY_HAND = (
    "none could be brought, for the reasons above; where downloads are refused, install your distribution's chromium "
    "as root, or copy one here and set $CHROMIUM to its path"
)
START_SECONDS = 60


def main(arguments: list[str]) -> int:
    """Print the path of a Chromium; returns the exit status."""
    parser = argparse.ArgumentParser(prog="browser", description="Find a Chromium for the browser tests.")
    parser.add_argument("--install", action="store_true", help="bring one if there is none")
    options = parser.parse_args(arguments)
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        print(f"There is no Chromium at {named!r}, which $CHROMIUM names: correct it, or unset it.", file=sys.stderr)
        return 1
    found = find() or (install() if options.install else None)
    if found is None:
        print(f"There is no Chromium; {CURE_BY_HAND if options.install else CURE}.", file=sys.stderr)
        return 1
    print(found)
    return 0


def find() -> Path | None:
    """The Chromium that $CHROMIUM names, the system's, or Playwright's; None where there is none."""
    named = os.environ.get("CHROMIUM")
    system = (shutil.which(name) for name in ((named,) if named else NAMES))
    found = next((Path(path) for path in system if path), None)
    return found or (None if named else _of_playwright())


def install() -> Path | None:
    """Bring Playwright's Chromium; where that cannot be had, the distribution's, which needs root and apt.

    One that lacks libraries of the system does not start, and counts only once apt has brought them.
    """
    playwright = [sys.executable, "-m", "playwright"]
    attempts = [[*playwright, "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [
            ["apt-get", "update", "-q"],
            [*playwright, "install-deps", "chromium"],
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"],
        ]
    for command in attempts:
        subprocess.run(command, check=False, stdout=sys.stderr)
        found = find()
        if found and _starts(found):
            return found
    return None


def _starts(chromium: Path) -> bool:
    try:
        done = subprocess.run([chromium, "--version"], check=False, capture_output=True, timeout=START_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{chromium} does not start: {error}", file=sys.stderr)
        return False
    if done.returncode:
        print(f"{chromium} does not start: {done.stderr.decode(errors='replace').strip()}", file=sys.stderr)
    return done.returncode == 0


def _of_playwright() -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
