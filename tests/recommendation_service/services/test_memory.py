from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from recommendation_service.services.memory import give_back


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="tells memory in another way")
def test_pages_below_one_in_use_are_given_back() -> None:
    give_back()
    small = [bytearray(4096) for _ in range(40_000)]
    in_use, before = small[-1], resident_bytes()
    del small
    give_back()
    assert before - resident_bytes() > 100 * 2**20
    assert len(in_use) == 4096


APART = """
from pathlib import Path
import numpy as np
from recommendation_service.services.memory import LARGE, set_large_objects_apart
set_large_objects_apart()

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

np.ones(4 * LARGE, dtype=np.uint8)  # glibc would call no object of this size large any more
large = [np.ones(2 * LARGE, dtype=np.uint8) for _ in range(10)]
small, before = bytearray(1000), resident()
del large
print(before - resident() >= 18 * LARGE)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="tells memory in another way")
def test_large_objects_take_their_pages_with_them() -> None:
    told = subprocess.run([sys.executable, "-c", APART], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"
