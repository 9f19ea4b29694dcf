"""The two searches of `train_two_tower.py` before a training: for a learning rate, and for a configuration."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from recommendation_service.adapters.training_lock import training_lock
from recommendation_service.adapters.training_terminal import TerminalObserver
from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.learning_rate_finder import find_learning_rate
from recommendation_service.engines.learning_rate_plot import plot_rate_sweep
from recommendation_service.engines.search_space import search_space
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.types import TrainingData
from recommendation_service.services.trial_result import TrialResult
from recommendation_service.training_options import config_of, device_of, training_split_of

if TYPE_CHECKING:
    from recommendation_service.services.tuning import TunedConfig


def suggest_learning_rate(options: argparse.Namespace, data: TrainingData, console: Console) -> None:
    """Run the range test on what the search for the best epoch would train on, and say what to do with it."""
    config = config_of(options)
    split = training_split_of(options, data.interactions)
    learned = data_before(data, split.validation_from or split.train_until)
    sweep = find_learning_rate(learned, config, device=device_of(options.device))
    picture = options.models / "learning_rate.png"
    plot_rate_sweep(sweep, picture)
    console.print(
        f"tried {len(sweep.rates)} rates from {sweep.rates[0]:.1e} to {sweep.rates[-1]:.1e}: suggested "
        f"{sweep.suggestion:.2g}, by which the loss has made most of its fall; the configuration has "
        f"{config.optimizer.learning_rate:g}. The curve: {picture}"
    )
    console.print(f'to use it: --config with {{"optimizer": {{"learning_rate": {sweep.suggestion:.2g}}}}}')


def tune_and_show(options: argparse.Namespace, data: TrainingData, console: Console) -> None:
    """Search for a better configuration and write it where `--config` finds it.

    Raises:
        ConfigError: If fewer than one trial is asked for, nothing is stated to vary, Optuna is not installed, or the
            file of the studies cannot be used.
        TrainingError: If another search or training holds the folder.
    """
    if options.tune < 1:
        raise ConfigError(f"--tune must be at least 1 trial, got {options.tune}")
    config = config_of(options)
    # Two searches in one file would each take the other's running trial for one that was cut off.
    with training_lock(options.models):
        tuned = _search(options, config, data, console)
    target: Path = options.models / f"tuned_{config.preset}.json"
    write_atomically(target, (json.dumps(to_dict(tuned.config), indent=1) + "\n").encode())
    console.print(f"best: trial {tuned.best.number} of {len(tuned.trials)}, validation {tuned.best.validation:.4f}")
    console.print(f"to train with it: python train_two_tower.py --data {options.data} --config {target}")


def _search(options: argparse.Namespace, config: TrainingConfig, data: TrainingData, console: Console) -> TunedConfig:
    try:
        from optuna.exceptions import StorageInternalError

        from recommendation_service.services.tuning import tune
    except ModuleNotFoundError as error:
        if error.name != "optuna":
            raise
        raise ConfigError("--tune needs Optuna, which is not installed; run `pip install 'optuna>=4.5,<5'`") from error
    file = options.models / "tuning.sqlite3"
    try:
        with TerminalObserver(console, validation_k=config.validation_k) as observer:
            return tune(
                data,
                config,
                training_split_of(options, data.interactions),
                space=search_space(config.preset),
                trials=options.tune,
                file=file,
                device=device_of(options.device),
                observer=observer,
                on_trial=lambda result: console.print(_trial_line(result, config.validation_k)),
            )
    except (SQLAlchemyError, StorageInternalError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(
            f"the studies in {file} cannot be used: {reason}; move the file away to begin anew"
        ) from error


def _trial_line(result: TrialResult, k: int) -> str:
    values = json.dumps(result.values)
    if result.refused:
        return f"trial {result.number}: refused: {result.refused}  {values}"
    state = ", given up" if result.pruned else ""
    return f"trial {result.number}: NDCG@{k} {result.validation:.4f} in {result.epochs} epochs{state}  {values}"
