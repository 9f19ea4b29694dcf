from __future__ import annotations

import os
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
