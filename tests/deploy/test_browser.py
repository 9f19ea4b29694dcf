"""Finding a browser: the one that is named, and one sentence where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def find(**environment):
    return subprocess.run(
        [sys.executable, "deploy/browser.py"],
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
    done = find(CHROMIUM=named)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("There is no Chromium; install one: ")


def test_one_of_the_system_is_found_by_its_usual_names(tmp_path):
    chromium = tmp_path / "chromium-browser"
    chromium.write_text("#!/bin/sh\n")
    chromium.chmod(0o755)
    done = find(PATH=str(tmp_path), CHROMIUM="")
    assert (done.returncode, done.stdout.strip()) == (0, str(chromium))
