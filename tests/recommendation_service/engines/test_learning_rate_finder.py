from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.learning_rate_finder import HIGHEST, LOWEST, RateSweep, find_learning_rate
from recommendation_service.engines.learning_rate_plot import plot_rate_sweep
from recommendation_service.engines.training_config import TowerConfig, fast
from recommendation_service.engines.types import TrainingData

RATES = np.geomspace(LOWEST, HIGHEST, 600)


def sweep(losses: np.ndarray) -> RateSweep:
    return RateSweep(rates=RATES[: len(losses)].tolist(), losses=losses.tolist())


def test_it_suggests_where_a_known_curve_has_fallen() -> None:
    """A logistic fall in log10(rate) around 1e-3 has made 95 % of its fall at 1e-3 * 10 ** (ln 19 / 4)."""
    losses = 1.0 - 1.0 / (1.0 + np.exp(-4.0 * (np.log10(RATES) + 3.0)))
    assert sweep(losses).suggestion == pytest.approx(10 ** (-3.0 + np.log(19.0) / 4.0), rel=0.05)


def test_where_the_loss_rises_again_the_suggestion_lies_before() -> None:
    falling = 1.0 - 1.0 / (1.0 + np.exp(-4.0 * (np.log10(RATES) + 3.0)))
    rising = np.clip(np.log10(RATES) + 1.5, 0.0, None) * 3.0
    assert 1e-3 < sweep(falling + rising).suggestion < 10**-1.5


def test_the_smoothed_loss_is_a_centred_mean() -> None:
    losses = np.random.default_rng(0).normal(size=40)
    smoothed = sweep(losses).smoothed
    assert smoothed[20] == pytest.approx(losses[12:29].mean())
    assert smoothed[0] == pytest.approx(losses[:9].mean())
    assert smoothed[-1] == pytest.approx(losses[-9:].mean())


def test_a_loss_that_only_rises_has_no_good_rate() -> None:
    with pytest.raises(TrainingError, match="did not fall at any rate"):
        _ = sweep(np.linspace(1.0, 2.0, 100)).suggestion


def test_towers_are_swept_over_several_epochs(platform: TrainingData, tmp_path: Path) -> None:
    tower = TowerConfig(hidden=(16,), dropout=(0.1,))
    config = replace(fast(), user_tower=tower, startup_tower=tower, embedding=8, batch_size=256)
    found = find_learning_rate(platform, config, device=torch.device("cpu"), steps=60)
    assert len(found.losses) == len(found.rates) <= 60
    np.testing.assert_allclose(found.rates, np.geomspace(LOWEST, HIGHEST, 60)[: len(found.rates)])
    assert LOWEST < found.suggestion <= HIGHEST
    again = find_learning_rate(platform, config, device=torch.device("cpu"), steps=60)
    assert again.losses == found.losses
    plot_rate_sweep(found, tmp_path / "sweep.png")
    assert (tmp_path / "sweep.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
