"""Puts a simulated platform into the database and the truth behind it into its side file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from accounts.models import User
from imports.bulk import create_all
from imports.errors import ImportRefusedError
from imports.progress import ProgressReporter
from imports.row_writer import RowWriter
from imports.summary import ImportSummary
from imports.transaction import whole_or_nothing
from interactions.models import InteractionEvent
from simulation.act_rows import ActWriter
from simulation.config import SimulationConfig
from simulation.identity import ANY_PLATFORM
from simulation.member_rows import preferences_rows, profile_rows, user_rows
from simulation.oracle import holds_truth_of, write_oracle
from simulation.platform import SimulatedPlatform, simulate
from simulation.venture_rows import position_rows, startup_rows
from startups.models import Position, Startup

_TEXT_STREAM = 1


def seed_platform(config: SimulationConfig, oracle: Path, progress: ProgressReporter) -> ImportSummary:
    """Simulate a platform and write it; the same one that is there already stays as it is.

    A database holds one simulated platform at most, beside any members of its own.

    Args:
        config: Which platform.
        oracle: Where the side file goes; of a platform that is there it is only written where it is missing
            or another platform's.
        progress: Shows how far the run is.

    Raises:
        ImportRefusedError: If another simulated platform is there, or the database or the side file cannot be written.
    """
    summary = ImportSummary()
    is_present = _is_present(config)
    if is_present:
        summary.present.update(_counts(config))
    if is_present and holds_truth_of(config, oracle):
        return summary
    platform = simulate(config, progress)
    with whole_or_nothing() as writer:
        if not is_present:
            summary.created.update(_write(platform, writer, progress))
        _write_oracle(platform, oracle)
    return summary


def _is_present(config: SimulationConfig) -> bool:
    """Whether this very platform is in the database.

    Raises:
        ImportRefusedError: If another simulated platform is.
    """
    simulated = User.objects.filter(external_id__startswith=ANY_PLATFORM)
    other = simulated.exclude(external_id__startswith=f"{config.prefix}-").order_by("external_id").first()
    if other is not None:
        raise ImportRefusedError(
            f"the database holds another simulated platform (a member of it: {other.external_id}); "
            "seed it with the same options, or point DATABASE_URL to a new database"
        )
    return simulated.exists()


def _counts(config: SimulationConfig) -> dict[str, int]:
    own = f"{config.prefix}-"
    return {
        "users": User.objects.filter(external_id__startswith=own).count(),
        "startups": Startup.objects.filter(external_id__startswith=own).count(),
        "positions": Position.objects.filter(external_id__startswith=own).count(),
        "interactions": InteractionEvent.objects.filter(user__external_id__startswith=own).count(),
    }


def _write(platform: SimulatedPlatform, writer: RowWriter, progress: ProgressReporter) -> dict[str, int]:
    config, population = platform.config, platform.population
    names, bios, choices, texts = np.random.default_rng([config.seed, _TEXT_STREAM]).spawn(4)
    users = user_rows(population.members, config, names)
    startups = startup_rows(population, users, config, texts)
    positions = position_rows(startups, population.ventures)
    create_all(users, writer=writer, description="Writing users", progress=progress)
    profiles = profile_rows(users, population.members, bios)
    create_all(profiles, writer=writer, description="Writing profiles", progress=progress)
    preferences = preferences_rows(users, population.members, choices)
    create_all(preferences, writer=writer, description="Writing preferences", progress=progress)
    create_all(startups, writer=writer, description="Writing startups", progress=progress)
    create_all(positions, writer=writer, description="Writing positions", progress=progress)
    written = ActWriter(users, startups, config).write(platform.acts, writer, progress)
    return {"users": len(users), "startups": len(startups), "positions": len(positions), "interactions": written}


def _write_oracle(platform: SimulatedPlatform, path: Path) -> None:
    try:
        write_oracle(platform, path)
    except OSError as error:
        raise ImportRefusedError(
            f"the side file {path} cannot be written ({error}); nothing was imported: "
            "free the disk or name another file with --oracle"
        ) from error
