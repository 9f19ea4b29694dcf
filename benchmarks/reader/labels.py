"""The mean of the expected label over the posterior: what the informed reader ranks by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reader.chain import Chain
from reader.records import Records
from simulation.config import SimulationConfig
from simulation.funnel import expected_label, step_probabilities

Floats = npt.NDArray[np.float32]
_SWEEPS_PER_APPEAL = 5
_BURN_IN = 0.3
_MOMENTS = 5


def posterior_labels(records: Records, config: SimulationConfig, *, end_day: float, sweeps: int, seed: int) -> Floats:
    """float32 [U, S]: expected labels from the moment of the records until a day, meaned over tastes and appeals.

    Args:
        records: What is known.
        config: The platform.
        end_day: When the judged window ends.
        sweeps: How often everybody is offered another taste; the first 30 % are not counted.
        seed: Of what is drawn.

    Raises:
        ValueError: If there are too few sweeps to count any.
    """
    if sweeps < 2 * _SWEEPS_PER_APPEAL:
        raise ValueError(f"the reader needs at least {2 * _SWEEPS_PER_APPEAL} sweeps, got {sweeps}")
    chain = Chain(records, config, np.random.default_rng(seed))
    days = np.linspace(records.until_day, end_day, _MOMENTS)
    total = np.zeros((len(records.told), len(records.ventures)), dtype=np.float32)
    counted = 0
    for sweep in range(1, sweeps + 1):
        chain.sweep()
        if sweep % _SWEEPS_PER_APPEAL == 0:
            chain.redraw_appeals()
            if sweep > _BURN_IN * sweeps:
                total += _window_labels(chain, days, config)
                counted += 1
    return total / np.float32(counted)


def _window_labels(chain: Chain, days: npt.NDArray[np.float64], config: SimulationConfig) -> Floats:
    funnel = config.behaviour.funnel
    labels: Floats = np.mean(
        [expected_label(step_probabilities(chain.logits(day), funnel)) for day in days.tolist()], axis=0
    )
    return labels
