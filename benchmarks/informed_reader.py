"""Reads a simulated platform as it was at a moment, and writes by what the informed reader ranks for a window after it.

A process of its own, since it reads the platform's database (DATABASE_URL) through the platform's own models.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import django
import numpy as np

BACKEND = Path(__file__).resolve().parents[1] / "backend"


def main() -> None:
    """Read, sample, write."""
    arguments = _arguments()
    sys.path.insert(0, str(BACKEND))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from reader.labels import posterior_labels
    from reader.records import read_records

    from simulation.config import SimulationConfig

    config = SimulationConfig(
        users=arguments.users, startups=arguments.startups, days=arguments.days, seed=arguments.seed
    )
    records = read_records(config, arguments.start)
    end = arguments.end or config.start + timedelta(days=config.days)
    end_day = (end - config.start) / timedelta(days=1)
    labels = posterior_labels(records, config, end_day=end_day, sweeps=arguments.sweeps, seed=0)
    np.savez(
        arguments.output,
        allow_pickle=False,
        user_external_ids=np.array(records.members),
        startup_external_ids=np.array(records.venture_ids),
        window_expected_label=labels,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("users", "startups", "days", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True, help="as the platform was seeded")
    parser.add_argument("--start", type=datetime.fromisoformat, required=True, help="nothing from here on is looked at")
    parser.add_argument("--end", type=datetime.fromisoformat, help="of the window; default: the platform's last day")
    parser.add_argument("--sweeps", type=int, default=600, help="how often everybody is offered another taste")
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
