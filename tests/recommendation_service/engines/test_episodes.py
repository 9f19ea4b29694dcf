from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import torch

from recommendation_service.engines.episode_batches import EpisodeBatches
from recommendation_service.engines.episodes import Episode, build_episodes, training_windows
from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.types import Interactions, TrainingData

CPU = torch.device("cpu")


def episodes_of(data: TrainingData, *, count: int = 3, days: float = 15) -> list[Episode]:
    times = Histories(data).acts.time
    return build_episodes(data, training_windows(times, count=count, length=timedelta(days=days)))


def test_windows_end_with_the_last_act() -> None:
    day = 86_400_000_000
    windows = training_windows(np.array([0, 30 * day]), count=2, length=timedelta(days=10))
    end = datetime(1970, 1, 31, tzinfo=UTC) + timedelta(microseconds=1)
    assert [window.end for window in windows] == [end - timedelta(days=10), end]
    assert [window.start for window in windows] == [end - timedelta(days=20), end - timedelta(days=10)]


def test_a_window_before_which_nobody_acted_teaches_nothing() -> None:
    day = 86_400_000_000
    for count in (4, 40):
        windows = training_windows(np.array([0, 12 * day, 35 * day]), count=count, length=timedelta(days=10))
        assert [window.start.day for window in windows] == [6, 16, 26]
    (alone,) = training_windows(np.array([0, 5 * day]), count=1, length=timedelta(days=10))
    assert alone.start < datetime(1970, 1, 1, tzinfo=UTC), "where no other is left it must do"


def test_an_episode_asks_about_its_window(platform: TrainingData) -> None:
    for episode in episodes_of(platform):
        task, rows = episode.task, platform.interactions
        inside = task.window.contains(rows.time)
        for place, user in enumerate(task.users.tolist()):
            theirs = inside & (rows.user == user)
            liked = set(rows.startup[theirs & (rows.label > 0)].tolist())
            disliked = set(rows.startup[theirs & (rows.label == 0) & (rows.kind != rows.kind.max())].tolist())
            open_rows = set(task.startup_rows.tolist())
            _, columns, _ = task.relevant.of(np.array([place]))
            assert set(task.startup_rows[columns].tolist()) == liked & open_rows
            _, columns, _ = episode.disliked.of(np.array([place]))
            assert set(task.startup_rows[columns].tolist()) == disliked & open_rows


def test_windows_in_which_nothing_happened_are_left_out(platform: TrainingData) -> None:
    assert len(episodes_of(platform, count=40)) < 40


def test_nothing_to_learn_from(platform: TrainingData, make_interactions: Callable[..., Interactions]) -> None:
    with pytest.raises(TrainingError, match="none of the 0 training rows"):
        episodes_of(replace(platform, interactions=make_interactions([])))
    with pytest.raises(TrainingError, match="nobody liked anything in 3 windows"):
        episodes_of(replace(platform, interactions=make_interactions([(0, 0, "dislike", 10**15)])))


def test_an_epoch_asks_everybody_once(platform: TrainingData) -> None:
    episodes = episodes_of(platform)
    source = EpisodeBatches(episodes, batch_size=8, newcomers=True, device=CPU)
    batches = list(source.batches(torch.Generator().manual_seed(0)))
    assert len(batches) == source.steps
    asked = sorted((batch.moment, user) for batch in batches for user in batch.users.tolist())
    assert asked == [(number, user) for number, e in enumerate(episodes) for user in range(len(e.task.users))]
    assert max(len(batch.users) for batch in batches) <= 8


def test_a_batch_tells_the_answers(platform: TrainingData) -> None:
    episodes = episodes_of(platform)
    source = EpisodeBatches(episodes, batch_size=1000, newcomers=True, device=CPU)
    for batch in source.batches(torch.Generator().manual_seed(0)):
        task = episodes[batch.moment].task
        everybody = slice(0, len(task.users))
        labels = torch.zeros(len(batch.users), len(batch.startups))
        labels[batch.row, batch.column] = batch.label
        expected = torch.from_numpy(task.relevant.dense(everybody, len(task.catalogue)))[batch.users]
        torch.testing.assert_close(labels, expected)
        known = torch.from_numpy(task.known.mask(everybody, len(task.catalogue)))[batch.users]
        assert torch.equal(batch.known, known)
        assert batch.startups.tolist() == list(range(len(task.catalogue)))
        assert not batch.log_q.any()


def test_newcomers_can_be_left_out(platform: TrainingData) -> None:
    episodes = episodes_of(platform, count=6)
    assert not all(episode.task.has_history.all() for episode in episodes)
    source = EpisodeBatches(episodes, batch_size=8, newcomers=False, device=CPU)
    for batch in source.batches(torch.Generator().manual_seed(0)):
        assert episodes[batch.moment].task.has_history[batch.users.numpy()].all()


def test_the_generator_alone_decides_the_order(platform: TrainingData) -> None:
    source = EpisodeBatches(episodes_of(platform), batch_size=8, newcomers=True, device=CPU)
    first, again, other = (
        [batch.users.tolist() for batch in source.batches(torch.Generator().manual_seed(seed))] for seed in (1, 1, 2)
    )
    assert first == again != other
