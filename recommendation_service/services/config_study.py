"""Trials of configurations in a SQLite file (Optuna: Akiba et al. 2019; proposals by TPE: Bergstra et al. 2011).

A study goes on where it was left, also after kill -9: the trial that was cut off is done over. Trials are proposed from
(seed, number of finished trials, their results) alone, so that an interrupted study takes the same way as another.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.search_space import Choice, Dimension, Range, SearchSpace, values_of, with_values
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.services.trial_result import TrialResult

_REFUSED = "refused"
"""Attribute of a failed trial that ended by itself, with the reason; one that was cut off has none."""
_RANDOM_TRIALS = 10
_TRIALS_BEFORE_PRUNING = 5
_EPOCHS_BEFORE_PRUNING = 3
_SEEDS = 2**32
"""The sampler takes seeds below this, and so does a configuration: the highest one's later trials begin again at 0."""


class PrunedError(Exception):
    """Leaves a training that is behind the others."""


class ConfigStudy:
    """A search that lies in a file; use as a context manager, so that the file is closed."""

    def __init__(self, file: Path, name: str, *, space: SearchSpace, seed: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._storage = optuna.storages.RDBStorage(f"sqlite:///{file}")
        self._space = space
        self._seed = seed
        self._study = optuna.create_study(
            storage=self._storage,
            study_name=name,
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=_TRIALS_BEFORE_PRUNING, n_warmup_steps=_EPOCHS_BEFORE_PRUNING
            ),
        )

    def __enter__(self) -> ConfigStudy:
        return self

    def __exit__(self, *_: object) -> None:
        self._storage.remove_session()
        self._storage.engine.dispose()

    def results(self) -> list[TrialResult]:
        """The finished trials, in order."""
        return [self._result(number, trial) for number, trial in enumerate(self._finished(), start=1)]

    def forget_cut_off_trials(self) -> None:
        """A trial still running in the file belongs to a process that is gone."""
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._study.tell(trial.number, state=TrialState.FAIL)

    def run_trial(self, config: TrainingConfig, train_once: Callable[[TrainingConfig, optuna.Trial], float]) -> None:
        """Propose a configuration, train it, and write down what came of it."""
        done = len(self._finished())
        seed = (self._seed + done) % _SEEDS
        self._study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=_RANDOM_TRIALS)
        given = values_of(config, self._space)
        if not done and given and not self._study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
            self._study.enqueue_trial(
                {name: json.dumps(value) if name in self._choices else value for name, value in given.items()}
            )
        trial = self._study.ask()
        try:
            values = {dimension.name: _propose(trial, dimension) for dimension in self._space}
            proposed = with_values(config, self._space, values)
            validation = train_once(proposed, trial)
        except PrunedError:
            self._study.tell(trial, state=TrialState.PRUNED)
        except TrainingError as error:
            trial.set_user_attr(_REFUSED, str(error))
            self._study.tell(trial, state=TrialState.FAIL)
        else:
            self._study.tell(trial, validation)

    @property
    def _choices(self) -> set[str]:
        """Dimensions that Optuna keeps as JSON text."""
        return {dimension.name for dimension in self._space if isinstance(dimension.values, Choice)}

    def _finished(self) -> list[FrozenTrial]:
        trials = self._study.get_trials(deepcopy=False)
        ended = (TrialState.COMPLETE, TrialState.PRUNED)
        return [trial for trial in trials if trial.state in ended or _REFUSED in trial.user_attrs]

    def _result(self, number: int, trial: FrozenTrial) -> TrialResult:
        refused = trial.user_attrs.get(_REFUSED)
        return TrialResult(
            number=number,
            values={
                name: json.loads(value) if name in self._choices else value for name, value in trial.params.items()
            },
            validation=None if refused else max(trial.intermediate_values.values(), default=None),
            epochs=len(trial.intermediate_values),
            pruned=trial.state is TrialState.PRUNED,
            refused=refused,
        )


def _propose(trial: optuna.Trial, dimension: Dimension) -> Any:
    values = dimension.values
    if isinstance(values, Range):
        return trial.suggest_float(dimension.name, values.low, values.high, log=values.log)
    return json.loads(trial.suggest_categorical(dimension.name, [json.dumps(option) for option in values.options]))
