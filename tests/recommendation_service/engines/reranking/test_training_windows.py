from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.evaluation_task import build_task
from recommendation_service.engines.reranking.bound_members import BoundMembers, feature_names
from recommendation_service.engines.reranking.platform_memory import PlatformMemory
from recommendation_service.engines.reranking.training_windows import WindowsConfig, training_windows, window_rows
from recommendation_service.engines.timeline import data_before, to_microseconds
from recommendation_service.engines.types import Interactions, TrainingData

DAY = 86_400_000_000


def hundred_days(make_interactions: Callable[..., Interactions]) -> Interactions:
    return make_interactions([(0, day, "apply", day * DAY) for day in range(100)])


def test_windows_hold_equal_shares_and_end_with_the_data(make_interactions: Callable[..., Interactions]) -> None:
    windows = training_windows(hundred_days(make_interactions), WindowsConfig(count=3, share=0.1))
    starts = [to_microseconds(window.start) // DAY for window in windows]
    assert starts == [70, 80, 90]
    ends = [to_microseconds(window.end) for window in windows if window.end]
    assert ends == [80 * DAY, 90 * DAY, 99 * DAY + 1]


def test_there_are_no_windows_before_the_data(make_interactions: Callable[..., Interactions]) -> None:
    assert len(training_windows(hundred_days(make_interactions), WindowsConfig(count=50, share=0.1))) == 9
    assert training_windows(make_interactions([]), WindowsConfig()) == []
    assert training_windows(make_interactions([(0, 0, "apply", 5)]), WindowsConfig()) == []


@pytest.fixture(scope="module")
def window(platform: TrainingData):
    """The last window of the synthetic platform, and content alone bound as of it."""
    last = training_windows(platform.interactions, WindowsConfig(count=1, share=0.3))[0]
    task = build_task(platform, last)
    earlier = data_before(platform, last.start)
    memory = PlatformMemory.of(earlier)
    engines = {"content_based": ContentBasedRecommender().fit(earlier)}
    return task, BoundMembers(task.catalogue, engines=engines, depths={"content_based": 30}, memory=memory)


def test_rows_hold_all_relevant_candidates_and_some_others(window) -> None:
    task, members = window
    rows = window_rows(task, members, 4, np.random.default_rng(0))
    assert rows is not None
    assert rows.features.shape == (rows.group_sizes.sum(), len(feature_names(["content_based"])))
    people = np.repeat(np.arange(rows.people), rows.group_sizes)
    relevant = np.bincount(people, weights=rows.label > 0)
    assert (relevant >= 1).all()
    assert (rows.group_sizes - relevant <= 4).all()
    everything = window_rows(task, members, 10_000, np.random.default_rng(0))
    assert everything is not None
    assert (everything.label > 0).sum() == (rows.label > 0).sum()


def test_the_same_generator_draws_the_same_rows(window) -> None:
    one, other = (window_rows(*window, 4, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.features, other.features)


@pytest.mark.parametrize("values", [{"count": 0}, {"share": 1.0}, {"negatives": 0}])
def test_impossible_settings_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        WindowsConfig(**values)
