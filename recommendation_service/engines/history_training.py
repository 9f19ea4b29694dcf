"""Training of the history towers on episodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
import torch

from recommendation_service.engines.act_ledger import ActLedger
from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.entity_encoding import text_block
from recommendation_service.engines.episode_batches import EpisodeBatches
from recommendation_service.engines.episodes import build_episodes, training_windows
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.history_encoder import Past
from recommendation_service.engines.history_fit import fit_history_encoder, history_constants
from recommendation_service.engines.history_model import HistoryModel
from recommendation_service.engines.history_network import (
    HistoryNetwork,
    PeopleTensors,
    StartupTensors,
    audience_likeness,
)
from recommendation_service.engines.history_scoring import SideScoring
from recommendation_service.engines.history_sides import PeopleSide, Rows, StartupSide
from recommendation_service.engines.sigmoid_fit import fit_sigmoid
from recommendation_service.engines.timeline import within
from recommendation_service.engines.tower_fitter import TowerFitter
from recommendation_service.engines.tower_training import TowerTraining
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.types import FloatArray, StartupRecord, TrainingData, UserRecord

_DEFAULT_EPISODES = 10
"""Of so many episode lengths the rows' time consists, when nothing else says how long an episode is."""


class HistoryTraining(TowerTraining):
    """Both sides of every episode, built once."""

    fitter: TowerFitter[HistoryNetwork]

    def __init__(
        self, config: TrainingConfig, data: TrainingData, device: torch.device, *, horizon: timedelta | None = None
    ) -> None:
        """Build the episodes, fit the encoder, encode both sides, build a fresh network.

        Args:
            config: The training.
            data: Records and rows to learn from.
            device: Where it is computed.
            horizon: How far ahead the model will be judged: the length of an episode, unless the configuration names
                one; None takes a tenth of the time that the rows span.

        Raises:
            TrainingError: If the rows make no episode.
        """
        self._config, self._data, self._device = config, data, device
        self._acts = Histories(data).acts
        length = _episode_length(config, self._acts.time, horizon)
        episodes = build_episodes(data, training_windows(self._acts.time, count=config.episodes.count, length=length))
        self._last = episodes[-1].task
        self._end = episodes[-1].task.window.end or episodes[-1].task.window.start
        self._acted_on, row_of = _numbered(self._acts.startup.astype(np.int64), len(data.startups))
        self._ledger = ActLedger.of(self._acts, row_of, len(self._acted_on))
        self._encoder = fit_history_encoder(
            config.history,
            data,
            text_width=config.features.text,
            end=self._end,
            half_life_days=config.history.half_life * (length / timedelta(days=1)),
        )
        self._known = self._encoder.know(data.startups, row_of)
        self._question: tuple[Rows, Rows, datetime] | None = None
        tasks = [episode.task for episode in episodes]
        sides = [self._sides(task.users, task.startup_rows, task.window.start) for task in tasks]
        startups = [StartupTensors.of(side, device) for _, side in sides]
        facets = self._known.facets(self._acts.startup.astype(np.int64), self._acts.time)
        constants = history_constants(self._encoder, facets, sides, ids=len(self._acted_on))

        def score(network: HistoryNetwork, batch: TrainingBatch) -> torch.Tensor:
            rows, (people, catalogue) = batch.users.numpy(), sides[batch.moment]
            likeness = audience_likeness(people, rows, catalogue, device)
            return network.score(PeopleTensors.of(people, rows, device), startups[batch.moment], likeness)

        self.fitter = TowerFitter(
            config,
            build=lambda config: HistoryNetwork(config, constants),
            score=score,
            source=EpisodeBatches(
                episodes, batch_size=config.batch_size, newcomers=config.episodes.newcomers, device=device
            ),
            device=device,
        )
        self.missing_users = _without_text(data.users, config.features.text)
        self.missing_startups = _without_text(data.startups, config.features.text)

    def vectors(self, users: Rows, startups: Rows, as_of: datetime | None) -> tuple[FloatArray, FloatArray]:
        """What people look for and what startups are."""
        people, catalogue = self._sides_once(users, startups, as_of or self._end)
        scoring = SideScoring(self.fitter.network, catalogue, self._device)
        return scoring.user_vectors(people), scoring.startup_vectors()

    def score_runs(self, users: Rows, startups: Rows, as_of: datetime | None) -> Callable[[slice], FloatArray]:
        """Scores of runs of users."""
        people, catalogue = self._sides_once(users, startups, as_of or self._end)
        scoring = SideScoring(self.fitter.network, catalogue, self._device)
        return lambda run: scoring.scores(people, run)

    def model(self) -> HistoryModel:
        """The network as it is now, with the startups and acts that it must remember, and scores as probabilities."""
        self._fit_probability()
        return HistoryModel(
            encoder=self._encoder,
            network=self.fitter.network,
            startups=[self._data.startups[row] for row in self._acted_on.tolist()],
            ledger=self._ledger,
            as_of=self._end,
        )

    def _fit_probability(self) -> None:
        """Turn scores into probabilities by the rows of the last episode, sampled negatives included."""
        task, network = self._last, self.fitter.network
        rows = within(self._data.interactions, task.window)
        user, column = np.searchsorted(task.users, rows.user), np.searchsorted(task.startup_rows, rows.startup)
        asked = np.isin(rows.user, task.users) & np.isin(rows.startup, task.startup_rows)
        user, column = user[asked], column[asked]
        scores = self.score_runs(task.users, task.startup_rows, task.window.start)(slice(0, len(task.users)))
        scale, bias = fit_sigmoid(scores[user, column], rows.label[asked], rows.weight[asked])
        with torch.no_grad():
            network.log_scale.fill_(math.log(scale))
            network.bias.fill_(bias)

    def _sides_once(self, users: Rows, startups: Rows, as_of: datetime) -> tuple[PeopleSide, StartupSide]:
        """The sides of the question asked last are kept: validation asks the same one after every epoch."""
        question = (users, startups, as_of)
        if self._question is None or any(new is not old for new, old in zip(question, self._question, strict=True)):
            self._question, self._answer = question, self._sides(users, startups, as_of)
        return self._answer

    def _sides(self, users: Rows, startups: Rows, as_of: datetime) -> tuple[PeopleSide, StartupSide]:
        past = Past.of(self._ledger, as_of)
        acts = ActTable.of_rows(self._acts, users.astype(np.int64), as_of)
        people = self._encoder.people([self._data.users[row] for row in users.tolist()], acts, self._known, past)
        return people, self._encoder.startups(self._known, startups.astype(np.int64), past, as_of)


def _numbered(rows: Rows, size: int) -> tuple[Rows, Rows]:
    """The distinct rows, ascending, and int64 [size]: the place of each among them, -1 for the others."""
    distinct = np.unique(rows)
    place = np.full(size, -1, dtype=np.int64)
    place[distinct] = np.arange(len(distinct))
    return distinct, place


def _episode_length(config: TrainingConfig, times: Rows, horizon: timedelta | None) -> timedelta:
    if config.episodes.days:
        return timedelta(days=config.episodes.days)
    if horizon is not None:
        return horizon
    span = int(times.max() - times.min()) if len(times) else 0
    return timedelta(microseconds=max(span // _DEFAULT_EPISODES, 1))


def _without_text(records: Sequence[StartupRecord] | Sequence[UserRecord], width: int) -> int:
    _, missing, invalid = text_block([record.embedding for record in records], width)
    return int((missing | invalid).sum())
