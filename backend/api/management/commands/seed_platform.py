"""`manage.py seed_platform`: a believable simulated platform."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from config.environment import REPOSITORY
from imports.command import ImportCommand
from imports.progress import ProgressReporter
from imports.summary import ImportSummary
from simulation.config import DEFAULT_UNTIL, SimulationConfig, SimulationError
from simulation.seeding import seed_platform

_PLATFORM = ("users", "startups", "days", "seed", "until")


class Command(ImportCommand):
    """Thin door to `simulation`."""

    help = "Fill the database with a simulated platform; the same options give the same platform."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the platform's size and seed."""
        parser.add_argument("--users", type=int, default=2000, help="members (default: %(default)s)")
        parser.add_argument("--startups", type=int, default=600, help="startups (default: %(default)s)")
        parser.add_argument("--days", type=int, default=120, help="days of behaviour (default: %(default)s)")
        parser.add_argument("--seed", type=int, default=7, help="of everything drawn (default: %(default)s)")
        parser.add_argument(
            "--until", type=_day, default=DEFAULT_UNTIL, help="the day after the last one (default: %(default)s)"
        )
        parser.add_argument(
            "--oracle", type=Path, help="side file of the true probabilities (default: var/oracle_SEED.npz)"
        )

    def bring_in(self, progress: ProgressReporter, options: dict[str, Any]) -> ImportSummary:
        """Seed the platform."""
        try:
            config = SimulationConfig(
                **{name: options[name] for name in ("users", "startups", "days", "seed", "until")}
            )
        except SimulationError as error:
            raise CommandError(str(error)) from error
        oracle = options["oracle"] or REPOSITORY / "var" / f"oracle_{config.seed}.npz"
        return seed_platform(config, oracle, progress)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write it like 2026-01-01") from None
