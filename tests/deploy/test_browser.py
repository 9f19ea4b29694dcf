"""Finding a browser: the one that is named, and one sentence where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def find(*options, **environment):
    return subprocess.run(
        [sys.executable, "deploy/browser.py", *options],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_named_one_comes_first(tmp_path):
    chromium = tmp_path / "chromium"
    chromium.write_text("#!/bin/sh\n")
    chromium.chmod(0o755)
    done = find(CHROMIUM=str(chromium))
    assert (done.returncode, done.stdout.strip()) == (0, str(chromium))


@pytest.mark.parametrize("named", ["/no/such/chromium", "no-such-chromium"])
def test_a_name_that_leads_nowhere_is_not_replaced_in_silence(named):
    done = find("--install", CHROMIUM=named)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"There is no Chromium at {named!r}, which $CHROMIUM names: correct it, or unset it.\n"


def test_one_of_the_system_is_found_by_its_usual_names(tmp_path):
    chromium = tmp_path / "chromium-browser"
    chromium.write_text("#!/bin/sh\n")
    chromium.chmod(0o755)
    done = find(PATH=str(tmp_path), CHROMIUM="")
    assert (done.returncode, done.stdout.strip()) == (0, str(chromium))


NOTHING_TO_BE_HAD = {"CHROMIUM": "", "PLAYWRIGHT_DOWNLOAD_HOST": "http://127.0.0.1:9"}
"""Playwright's downloads are looked for where nobody listens."""


def without_browser(folder):
    return {**NOTHING_TO_BE_HAD, "PATH": str(folder), "PLAYWRIGHT_BROWSERS_PATH": str(folder / "playwright")}


def script(path, *lines):
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)


def test_where_there_is_none_the_cure_is_told(tmp_path):
    done = find(**without_browser(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("There is no Chromium; install one: ")


@pytest.mark.slow
def test_where_none_can_be_brought_the_reason_and_the_cure_are_told(tmp_path):
    done = find("--install", **without_browser(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "127.0.0.1:9" in done.stderr
    assert "There is no Chromium; none could be brought, for the reasons above; " in done.stderr.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can install packages")
@pytest.mark.parametrize(("starts", "status"), [("exit 0", 0), ("echo lacks libnss3.so >&2; exit 127", 1)])
def test_the_distributions_is_brought_where_playwrights_cannot_be_had(tmp_path, starts, status):
    chromium = tmp_path / "chromium"
    script(tmp_path / "prepared", starts)
    script(
        tmp_path / "apt-get",
        f'echo "apt-get $*" >> {tmp_path}/asked',
        f'case "$*" in install*chromium) /bin/cp {tmp_path}/prepared {chromium};; esac',
    )
    done = find("--install", **without_browser(tmp_path))
    assert (done.returncode, done.stdout.strip()) == (status, "" if status else str(chromium)), done.stderr
    assert "apt-get update -q" in (tmp_path / "asked").read_text()
    assert ("lacks libnss3.so" in done.stderr) == bool(status)
