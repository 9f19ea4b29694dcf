"""The truth in a side file, outside the database, so that a benchmark can say how close a model comes to it.

The file is a NumPy `.npz` without pickled objects:

    platform                         text: what its external ids start with
    user_external_ids                [U] text
    startup_external_ids             [S] text
    window_start, until              text, ISO 8601: the last fifth of the days, which evaluations judge
    click_probability                float32 [U, S]: a click or more, given that the person looks, on the last day
    expected_label                   float32 [U, S]: the mean training label of what they would do, on the last day
    window_click_probability         float32 [U, S]: the same, meaned over the window's tastes
    window_expected_label            float32 [U, S]: rank by this for the best possible list of the window
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.affinity import AffinityModel
from simulation.config import FunnelConfig, SimulationConfig
from simulation.funnel import click_probability, expected_label, step_probabilities
from simulation.identity import member_external_id, venture_external_id
from simulation.platform import SimulatedPlatform
from simulation.terms import FloatMatrix

WINDOW_SHARE = 0.2
_MOMENTS = 5
_BLOCK = 512


def window_start(config: SimulationConfig) -> datetime:
    """When the window that evaluations judge begins."""
    return config.start + timedelta(days=config.days * (1 - WINDOW_SHARE))


def true_probabilities(platform: SimulatedPlatform, days: Sequence[float]) -> tuple[FloatMatrix, FloatMatrix]:
    """Click probability and expected label of every pair, float32 [U, S], meaned over the tastes of some days."""
    config = platform.config
    clicks = np.zeros((config.users, config.startups), dtype=np.float32)
    labels = np.zeros_like(clicks)
    for first in range(0, config.users, _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, config.users))
        for day in days:
            click, label = _at(platform.affinity, rows, day, config.behaviour.funnel)
            clicks[rows] += click / np.float32(len(days))
            labels[rows] += label / np.float32(len(days))
    return clicks, labels


def _at(
    affinity: AffinityModel, members: npt.NDArray[np.int64], day: float, funnel: FunnelConfig
) -> tuple[FloatMatrix, FloatMatrix]:
    steps = step_probabilities(affinity.logits(members, day), funnel)
    return click_probability(steps), expected_label(steps)


def write_oracle(platform: SimulatedPlatform, path: Path) -> None:
    """Write the side file, whole or not at all.

    Raises:
        OSError: If the folder cannot be written or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            np.savez(file, allow_pickle=False, **_arrays(platform))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def holds_truth_of(config: SimulationConfig, path: Path) -> bool:
    """Whether the side file is there and belongs to this very platform."""
    if not path.is_file():
        return False
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return "platform" in arrays and str(arrays["platform"]) == config.prefix
    except (ValueError, zipfile.BadZipFile, EOFError):  # another file, or a damaged one
        return False


def _arrays(platform: SimulatedPlatform) -> dict[str, np.ndarray[Any, Any]]:
    config = platform.config
    window_days = np.linspace(config.days * (1 - WINDOW_SHARE), config.days, _MOMENTS)
    click, label = true_probabilities(platform, [float(config.days)])
    window_click, window_label = true_probabilities(platform, window_days.tolist())
    return {
        "platform": np.array(config.prefix),
        "user_external_ids": np.array([member_external_id(config.prefix, row) for row in range(config.users)]),
        "startup_external_ids": np.array([venture_external_id(config.prefix, row) for row in range(config.startups)]),
        "window_start": np.array(window_start(config).isoformat()),
        "until": np.array(config.moment(config.days).isoformat()),
        "click_probability": click,
        "expected_label": label,
        "window_click_probability": window_click,
        "window_expected_label": window_label,
    }


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
