from __future__ import annotations

import pytest

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.search_space import SEARCH_SPACES, Range, search_space, values_of, with_values
from recommendation_service.engines.training_config import PRESETS, preset


def test_every_preset_has_a_space() -> None:
    assert set(SEARCH_SPACES) == set(PRESETS)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_lies_in_its_own_space(name: str) -> None:
    config = preset(name)
    values = values_of(config, search_space(name))
    assert values is not None
    assert with_values(config, search_space(name), values) == config


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_corner_is_a_configuration(name: str) -> None:
    space = search_space(name)
    for end in (0, -1):
        corner = {
            dimension.name: (dimension.values.low, dimension.values.high)[end]
            if isinstance(dimension.values, Range)
            else dimension.values.options[end]
            for dimension in space
        }
        assert values_of(with_values(preset(name), space, corner), space) == corner


def test_what_lies_outside_has_no_values() -> None:
    config = with_values(preset("fast"), search_space("fast"), values_of(preset("fast"), search_space("fast")) or {})
    assert values_of(config, search_space("deep")) is None


def test_an_unknown_preset() -> None:
    with pytest.raises(ConfigError, match="nothing is stated to vary for the preset 'mine'"):
        search_space("mine")
