from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.tower_presets import prepare_towers
from recommendation_service.engines.training_config import LossConfig, NegativesConfig, preset
from recommendation_service.engines.types import TrainingData

CPU = torch.device("cpu")
WHOLE_CATALOGUE = ["history", "ids"]


@pytest.mark.parametrize("name", WHOLE_CATALOGUE)
def test_a_loss_without_rivals_is_refused_where_no_sampled_negatives_are_seen(
    name: str, platform: TrainingData
) -> None:
    config = replace(preset(name), loss=LossConfig(name="weighted_bce"))
    with pytest.raises(ConfigError, match=f"of which {name} towers see dislikes alone; choose a ranking loss"):
        prepare_towers(config, platform, device=CPU)


@pytest.mark.parametrize("negatives", [NegativesConfig(uniform=1), NegativesConfig(hard=1)], ids=["uniform", "hard"])
@pytest.mark.parametrize("name", WHOLE_CATALOGUE)
def test_drawn_negatives_are_refused_where_they_would_be_left_out(
    name: str, negatives: NegativesConfig, platform: TrainingData
) -> None:
    with pytest.raises(ConfigError, match=f"{name} towers meet the whole catalogue in every step"):
        prepare_towers(replace(preset(name), negatives=negatives), platform, device=CPU)
