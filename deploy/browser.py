"""Finds a Chromium for the browser tests, and can bring one: prints its path.

    python deploy/browser.py             the one that is there; status 1 and how to get one where there is none
    python deploy/browser.py --install   bring one first: Playwright's own, else the distribution's

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


def main(arguments: list[str]) -> int:
    """Print the path of a Chromium; returns the exit status."""
    parser = argparse.ArgumentParser(prog="browser", description="Find a Chromium for the browser tests.")
    parser.add_argument("--install", action="store_true", help="bring one if there is none")
    options = parser.parse_args(arguments)
    found = find() or (install() if options.install else None)
    if found is None:
        print(f"There is no Chromium; {CURE}.", file=sys.stderr)
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
    """Bring Playwright's Chromium; where that cannot be had, the distribution's, which needs root and apt."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"],
        ]
    for command in attempts:
        subprocess.run(command, check=False, stdout=sys.stderr)
        if found := find():
            return found
    return None


def _of_playwright() -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
