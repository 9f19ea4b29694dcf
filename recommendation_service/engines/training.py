"""Training of the two-tower model: search for the best epoch on the validation window, then hand over a checked model.

An interrupted training resumes from its last finished epoch and ends in the same model.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from recommendation_service.engines.checkpoints import CheckpointFolder
from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.evaluation_task import build_task
from recommendation_service.engines.model_checks import find_collapse
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.timeline import TimeWindow, data_before
from recommendation_service.engines.tower_presets import prepare_towers
from recommendation_service.engines.tower_training import TowerTraining
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_history import TrainingHistory
from recommendation_service.engines.training_run import TrainingRun
from recommendation_service.engines.training_session import TrainingSession
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import TrainingData
from recommendation_service.engines.unit_rows import unit_rows
from recommendation_service.engines.validation import RankingValidator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedModel:
    """A model fit for use.

    Attributes:
        recommender: The engine.
        searched: The engine of the search's best epoch, which has not seen the validation window; without
            `config.refit` it is the engine.
        search: Epochs trained with the validation window held out.
        refit: Epochs of the second training on everything before `train_until`; empty without `config.refit`.
        collapsed: Why the engine cannot rank, if it gives everybody or everything the same vector.
        missing_user_embeddings: People of the dataset whose text embedding is missing or unusable.
        missing_startup_embeddings: Startups likewise.
    """

    recommender: TwoTowerRecommender
    searched: TwoTowerRecommender
    search: TrainingHistory
    refit: TrainingHistory
    collapsed: str | None
    missing_user_embeddings: int
    missing_startup_embeddings: int


def train(
    data: TrainingData, config: TrainingConfig, split: TemporalSplit, session: TrainingSession | None = None
) -> TrainedModel:
    """Train on what lies before the split's test window.

    Args:
        data: Records and rows; rows from `split.train_until` on are never looked at.
        config: What to train.
        split: Cuts of time; its validation window stops the training at its best epoch.
        session: How to carry it out.

    Raises:
        TrainingError: If the split has no validation window, the rows cannot train this loss, training does not stay
            finite, or a checkpoint does not fit.
        DatasetError: If nothing happened in the validation window.
    """
    session = session or TrainingSession()
    window = split.validation_window
    if window is None:
        raise TrainingError(
            "there is no validation window to stop by; give --validation-from a moment before the end of training"
        )
    known = data_before(data, split.train_until)
    checkpoints = _open_checkpoints(data, config, split, session)
    search = _search(config, known, window, session, checkpoints)
    if not config.refit:
        return _finish(config, known, search, refit=None)
    refit = _refit(config, known, window, search.history.best.epoch + 1, session, checkpoints)
    return _finish(config, known, search, refit=refit)


def _search(
    config: TrainingConfig,
    known: TrainingData,
    window: TimeWindow,
    session: TrainingSession,
    checkpoints: CheckpointFolder | None,
) -> TrainingRun:
    """Train on what lies before the validation window, up to the epoch that ranks the window best."""
    task = build_task(known, window)
    learned = data_before(known, window.start)
    training = _prepare(config, learned, window, session)
    validator = RankingValidator(task, training.score_runs, k=config.validation_k)
    run = TrainingRun("search", config, training, session, checkpoints, validator)
    run.go(config.epochs)
    return run


def _refit(
    config: TrainingConfig,
    known: TrainingData,
    window: TimeWindow,
    epochs: int,
    session: TrainingSession,
    checkpoints: CheckpointFolder | None,
) -> TrainingRun:
    """Train on all that is known, for as many epochs as were best."""
    training = _prepare(config, known, window, session)
    run = TrainingRun("refit", config, training, session, checkpoints, None)
    run.go(epochs)
    return run


def _length(window: TimeWindow) -> timedelta | None:
    return None if window.end is None else window.end - window.start


def _prepare(config: TrainingConfig, data: TrainingData, window: TimeWindow, session: TrainingSession) -> TowerTraining:
    """Fresh towers for these rows, to be judged as far ahead as the validation window reaches."""
    return prepare_towers(config, data, device=session.device, horizon=_length(window), inputs_folder=session.inputs)


def _open_checkpoints(
    data: TrainingData, config: TrainingConfig, split: TemporalSplit, session: TrainingSession
) -> CheckpointFolder | None:
    if session.checkpoints is None:
        return None
    decisive = {
        "config": to_dict(config),
        "split": split.to_dict(),
        "data": {name: value for name, value in data.provenance.items() if name != "path"},
        "rows": len(data.interactions),
    }
    fingerprint = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
    folder = CheckpointFolder(session.checkpoints, fingerprint)
    if not session.resume:
        folder.clear()
    return folder


def _finish(
    config: TrainingConfig, data: TrainingData, search: TrainingRun, *, refit: TrainingRun | None
) -> TrainedModel:
    last = refit or search
    collapsed = _collapse(last.training, data)
    searched = _engine(config, search)
    return TrainedModel(
        recommender=_engine(config, refit) if refit else searched,
        searched=searched,
        search=search.history,
        refit=refit.history if refit else TrainingHistory(),
        collapsed=collapsed,
        missing_user_embeddings=last.training.missing_users,
        missing_startup_embeddings=last.training.missing_startups,
    )


def _engine(config: TrainingConfig, run: TrainingRun) -> TwoTowerRecommender:
    return TwoTowerRecommender.assemble(config, run.training.model())


def _collapse(training: TowerTraining, data: TrainingData) -> str | None:
    users, startups = training.vectors(np.arange(len(data.users)), np.arange(len(data.startups)), None)
    return find_collapse(unit_rows(users), of="users") or find_collapse(unit_rows(startups), of="startups")
