"""What a member can do to push a startup, against the real engines: the stated bounds hold on every rung.

A member's startups take at most `MAX_PER_OWNER` of the places of any page, copies of one text at most one. As many tags
as the platform lets a founder give, the most common ones, and the same act a hundred times raise a startup's exposure
(the sum over members of 1 / log2(1 + place)) over that of its plain twin by no more than `MOST`. The newest first looks
at neither.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.live_platform import BACKEND, LivePlatform

MOST = 1.25
RUNGS = ("two_tower", "content_based", "trending")
SCRIPT = Path(__file__).with_name("flood_platform.py")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def flooded(tmp_path_factory):
    """What a live platform shows after every sort of flood."""
    platform = LivePlatform(tmp_path_factory.mktemp("flooded"))
    platform.build()
    platform.start_service()
    environment = {**platform.environment, "RECOMMENDATION_SERVICE_TIMEOUT_SECONDS": "20"}
    command = [sys.executable, str(SCRIPT)]
    try:
        done = subprocess.run(command, cwd=BACKEND, env=environment, capture_output=True, text=True, check=False)
    finally:
        platform.stop()
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.rpartition("RESULT")[2])


def test_twenty_copies_take_one_place_of_any_page(flooded):
    assert max(flooded["copies_on_each_page"]) == 1


@pytest.mark.parametrize("rung", RUNGS)
def test_stuffed_tags_win_no_more_than_the_bound(flooded, rung):
    assert flooded["exposure"][rung]["stuffed"] <= MOST * flooded["exposure"][rung]["plain"]


@pytest.mark.parametrize("rung", RUNGS)
def test_the_same_act_a_hundred_times_is_worth_one(flooded, rung):
    assert flooded["exposure"][rung]["often"] <= MOST * flooded["exposure"][rung]["once"]
