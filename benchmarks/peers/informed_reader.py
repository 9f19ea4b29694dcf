"""The best ranking that anybody could make who knows the simulator's formulas, but of people only what is recorded.

It knows the weights of all matches, how pages are filled and how far people go, and every startup's attributes (texts
tell the style). Of each person it knows what the platform records until the judged window begins: choices at
onboarding, bio, role, place, skills, and acts. It samples tastes (what was not told, what interests drift to) and the
startups' appeal from their posterior and ranks by the mean expected label. The part of the oracle's figure that it
does not reach cannot be had from what is recorded, but for approximations: hidden vectors are left at their mean, pages
count as drawn independently place by place, and the chains are of finite length.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from peers.oracle import OracleRecommender
from recommendation_service.engines.timeline import TimeWindow

SCRIPT = Path(__file__).resolve().parents[1] / "informed_reader.py"


class InformedReaderRecommender(OracleRecommender):
    """Knows the posterior mean of the expected label of every pair over the judged window."""

    name: ClassVar[str] = "informed_reader"


def read_informed(
    database: Path, size: Sequence[str], window: TimeWindow, output: Path, *, sweeps: int
) -> InformedReaderRecommender:
    """Let the informed reader read a platform up to a window.

    Args:
        database: The platform's SQLite file.
        size: The options that the platform was seeded with.
        window: What is to be judged; nothing from its start on is looked at.
        output: Where its side file goes.
        sweeps: Length of the chain.
    """
    command = [*size, "--start", window.start.isoformat(), "--output", str(output), "--sweeps", str(sweeps)]
    if window.end is not None:
        command += ["--end", window.end.isoformat()]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database.resolve()}"}
    subprocess.run([sys.executable, str(SCRIPT), *command], env=environment, check=True)
    return InformedReaderRecommender(output)
