from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from peers.informed_reader import read_informed

from recommendation_service.engines.timeline import TimeWindow
from recommendation_service.engines.types import Catalogue, StartupRecord, UserRecord, UserState

START = datetime(2025, 6, 1, tzinfo=UTC)


def test_it_is_told_where_to_stop_and_ranks_by_what_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run(command: list[str], *, env: dict[str, str], check: bool) -> None:
        asked.extend([*command, env["DATABASE_URL"]])
        np.savez(
            tmp_path / "side.npz",
            user_external_ids=np.array(["ada"]),
            startup_external_ids=np.array(["a", "b"]),
            window_expected_label=np.array([[0.25, 0.75]], dtype=np.float32),
        )

    monkeypatch.setattr(subprocess, "run", run)
    reader = read_informed(
        tmp_path / "x.sqlite3", ["--seed", "7"], TimeWindow(start=START), tmp_path / "side.npz", sweeps=50
    )
    assert asked[asked.index("--start") + 1] == START.isoformat()
    assert "--end" not in asked
    assert asked[-1] == f"sqlite:///{tmp_path}/x.sqlite3"
    catalogue = Catalogue(startups=[StartupRecord(id=name, external_id=name, opened_at=START) for name in ("b", "a")])
    state = UserState(record=UserRecord(id="1", external_id="ada", role="student"))
    np.testing.assert_array_equal(reader.bind(catalogue).score([state]), [[0.75, 0.25]])
