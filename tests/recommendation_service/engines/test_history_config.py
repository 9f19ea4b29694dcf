from __future__ import annotations

from typing import Any

import pytest

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.history_config import EpisodeConfig, HistoryConfig
from recommendation_service.engines.training_config import TrainingConfig, from_dict, history


@pytest.mark.parametrize(
    ("config", "setting", "value"),
    [
        (EpisodeConfig, "count", 0),
        (EpisodeConfig, "days", -1.0),
        (EpisodeConfig, "days", float("nan")),
        (HistoryConfig, "min_facet_count", 0),
        (HistoryConfig, "most_facets", 0),
        (HistoryConfig, "half_life", 0.0),
        (HistoryConfig, "id_dropout", 1.0),
    ],
)
def test_impossible_values_are_named(config: type[Any], setting: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"\.{setting} must be .*{value}"):
        config(**{setting: value})


def test_unknown_towers_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown towers 'histories'; did you mean 'history'\?"):
        TrainingConfig(towers="histories")


def test_a_file_may_change_a_part_of_the_preset() -> None:
    config = from_dict({"preset": "history", "episodes": {"count": 8}})
    assert config.episodes == EpisodeConfig(count=8)
    assert config.history == history().history
