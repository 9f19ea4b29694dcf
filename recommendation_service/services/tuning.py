"""Search for a better configuration; the validation window decides, and nothing after it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import optuna
import torch

from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.search_space import SearchSpace, with_values
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.training import train
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_history import EpochRecord
from recommendation_service.engines.training_session import TrainingObserver, TrainingSession
from recommendation_service.engines.types import TrainingData
from recommendation_service.services.config_study import ConfigStudy, PrunedError
from recommendation_service.services.trial_result import TrialResult

OnTrial = Callable[[TrialResult], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedConfig:
    """What a study found.

    Attributes:
        config: The best configuration; all else as it was given.
        best: The trial it comes from.
        trials: All finished trials, in order.
    """

    config: TrainingConfig
    best: TrialResult
    trials: tuple[TrialResult, ...]


class _PruningObserver:
    """Reports each epoch to the study and hears from it whether to go on; passes everything on to the terminal."""

    def __init__(self, trial: optuna.Trial, observer: TrainingObserver) -> None:
        self._trial = trial
        self._observer = observer

    def run_started(self, *, name: str, epochs: int, epochs_done: int) -> None:
        """Pass it on, by the name of the trial."""
        self._observer.run_started(
            name=f"trial {self._trial.number + 1} {name}", epochs=epochs, epochs_done=epochs_done
        )

    def step_done(self, step: int, steps: int, pairs: int) -> None:
        """Pass it on."""
        self._observer.step_done(step, steps, pairs)

    def epoch_done(self, record: EpochRecord) -> None:
        """Pass it on, and end the training where it is behind."""
        self._observer.epoch_done(record)
        if record.validation is not None:
            self._trial.report(record.validation, record.epoch)
            if self._trial.should_prune():
                raise PrunedError


def tune(
    data: TrainingData,
    config: TrainingConfig,
    split: TemporalSplit,
    *,
    space: SearchSpace,
    trials: int,
    file: Path,
    device: torch.device,
    observer: TrainingObserver,
    on_trial: OnTrial,
) -> TunedConfig:
    """Run or go on with a study until it has this many finished trials.

    Only what lies before `split.train_until` is read; the validation window decides. Refitting is left out of the
    trials and kept in the configuration that comes out.

    Args:
        data: Records and rows.
        config: Where the search begins, and everything that is not varied.
        split: Cuts of time.
        space: What is varied.
        trials: Finished trials to reach; a study that has them already trains nothing.
        file: SQLite file of the studies; one study per configuration, space, data and split.
        device: Where to compute.
        observer: Hears how each training goes.
        on_trial: Hears of every finished trial, those of earlier runs first.

    Raises:
        TrainingError: If no trial ended in a model.
        DatasetError: If nothing happened in the validation window.
    """

    def train_once(proposed: TrainingConfig, trial: optuna.Trial) -> float:
        session = TrainingSession(device=device, observer=_PruningObserver(trial, observer))
        return train(data, replace(proposed, refit=False), split, session).search.best.validation or 0.0

    with ConfigStudy(file, _study_name(data, config, split, space), space=space, seed=config.seed) as study:
        study.forget_cut_off_trials()
        results = study.results()
        for result in results:
            on_trial(result)
        while len(results) < trials:
            study.run_trial(config, train_once)
            results = study.results()
            on_trial(results[-1])
    return _tuned(config, space, results)


def _tuned(config: TrainingConfig, space: SearchSpace, results: list[TrialResult]) -> TunedConfig:
    complete = [result for result in results if not (result.pruned or result.refused)]
    if not complete:
        reasons = "; ".join(sorted({result.refused for result in results if result.refused}))
        raise TrainingError(f"none of the {len(results)} trials ended in a model: {reasons}")
    best = max(complete, key=lambda result: (result.validation or 0.0, -result.number))
    return TunedConfig(config=with_values(config, space, best.values), best=best, trials=tuple(results))


def _study_name(data: TrainingData, config: TrainingConfig, split: TemporalSplit, space: SearchSpace) -> str:
    """A study answers one question; another configuration, space, dataset or split asks another."""
    question = {
        "config": to_dict(config),
        "space": [repr(dimension) for dimension in space],
        "data": {name: value for name, value in data.provenance.items() if name != "path"},
        "split": split.to_dict(),
    }
    digest = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
    return f"{config.preset}-{digest[:16]}"
