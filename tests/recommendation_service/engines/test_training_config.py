from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest

from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.feature_config import FeatureConfig, StartupSlots, UserSlots
from recommendation_service.engines.training_config import (
    PRESETS,
    LossConfig,
    NegativesConfig,
    OptimizerConfig,
    TowerConfig,
    TrainingConfig,
    default,
    from_dict,
    preset,
    read_config,
)


def test_default_is_the_specified_model() -> None:
    config = default()
    assert (config.features.user_width, config.features.startup_width) == (512, 468)
    assert config.user_tower.hidden == config.startup_tower.hidden == (512, 256)
    assert config.user_tower.dropout == config.startup_tower.dropout == (0.3, 0.2)
    assert config.embedding == 128
    assert config.loss.name == "weighted_bce"
    assert (config.optimizer.learning_rate, config.optimizer.weight_decay) == (1e-3, 0.01)
    assert (config.batch_size, config.epochs, config.patience, config.validation_k) == (256, 50, 5, 10)


@pytest.mark.parametrize(("slots", "total"), [(UserSlots(), 128), (StartupSlots(), 84)])
def test_the_groups_add_up(slots: UserSlots | StartupSlots, total: int) -> None:
    assert sum(getattr(slots, field.name) for field in fields(slots)) == total


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_round_trip_through_json(name: str) -> None:
    config = preset(name)
    assert config.preset == name
    assert from_dict(json.loads(json.dumps(to_dict(config)))) == config


def test_a_partial_override_starts_from_its_preset(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"preset": "fast", "epochs": 3, "loss": {"temperature": 0.2}}')
    fast = preset("fast")
    assert read_config(file) == replace(fast, epochs=3, loss=replace(fast.loss, temperature=0.2))


def test_without_a_preset_it_starts_from_default() -> None:
    assert from_dict({"epochs": 2}) == replace(default(), epochs=2)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"preset": "fats"}, "unknown preset 'fats'; did you mean 'fast'"),
        ({"preset": 3}, "preset must be text, got 3"),
        ({"epoch": 3}, "unknown configuration key 'epoch'; did you mean 'epochs'"),
        ({"features": {"user": {"role": 5}}}, "add up to 129, but features.user_profile says 128"),
        ({"features": {"startup": {"city": 6}}}, "add up to 83, but features.startup_profile says 84"),
    ],
)
def test_refused_json(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_dict(data)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TrainingConfig(epochs=0), "epochs must be at least 1, got 0"),
        (lambda: TrainingConfig(batch_size=0), "batch_size must be at least 1"),
        (lambda: TrainingConfig(patience=-1), "patience must be at least 1"),
        (lambda: TrainingConfig(seed=-1), "seed must be in"),
        (lambda: TowerConfig(hidden=(4,), dropout=()), "1 hidden layers needs as many dropout rates, got 0"),
        (lambda: TowerConfig(hidden=(0,), dropout=(0.0,)), "at least 1 wide"),
        (lambda: TowerConfig(hidden=(4,), dropout=(1.0,)), r"dropout rates must be in \[0, 1\)"),
        (lambda: LossConfig(scale=0.0), "loss.scale must be above 0"),
        (lambda: LossConfig(temperature=math.nan), "loss.temperature must be above 0, got nan"),
        (lambda: LossConfig(bias=math.inf), "loss.bias must be finite"),
        (lambda: NegativesConfig(uniform=-1), "negatives.uniform must be at least 0, got -1"),
        (lambda: NegativesConfig(popularity_power=1.5), r"negatives.popularity_power must be in \[0, 1\], got 1.5"),
        (lambda: NegativesConfig(hard=9, hard_pool=5), r"at least 1 and negatives.hard \(9\), got 5"),
        (lambda: NegativesConfig(duplicate_above=2.0), r"negatives.duplicate_above is a cosine in \[-1, 1\], got 2.0"),
        (lambda: OptimizerConfig(learning_rate=-1.0), "learning_rate must be above 0"),
        (lambda: OptimizerConfig(weight_decay=-0.1), "weight_decay must be at least 0"),
        (lambda: OptimizerConfig(max_skipped_steps=-1), "max_skipped_steps must be at least 0"),
        (lambda: FeatureConfig(text=0), "features.text must be at least 1"),
        (lambda: UserSlots(role=0), "role needs at least its out-of-vocabulary slot, got 0"),
        (lambda: StartupSlots(position_count=2), "position_count is a single number"),
    ],
)
def test_values_out_of_range(make: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()


def test_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        default().epochs = 3  # type: ignore[misc]
