"""One small simulated platform for all tests."""

from __future__ import annotations

import pytest

from imports.progress import SilentProgress
from simulation.config import SimulationConfig
from simulation.platform import SimulatedPlatform, simulate


@pytest.fixture(scope="session")
def config() -> SimulationConfig:
    return SimulationConfig(users=120, startups=60, days=60, seed=3)


@pytest.fixture(scope="session")
def platform(config: SimulationConfig) -> SimulatedPlatform:
    return simulate(config, SilentProgress())
