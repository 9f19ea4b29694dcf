"""The training guide names every option and every setting, with the defaults and presets that the code has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from recommendation_service import train_two_tower
from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import value_names
from recommendation_service.engines.losses import LOSSES
from recommendation_service.engines.metrics import METRICS
from recommendation_service.engines.quality_gate import FEWEST_PEOPLE
from recommendation_service.engines.tower_network import TwoTowerNetwork
from recommendation_service.engines.training_config import PRESETS, TOWERS, TrainingConfig, preset
from recommendation_service.services.model_files import FILES

GUIDE = (Path(train_two_tower.__file__).parent / "TWO_TOWER_TRAINING_GUIDE.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`]+)`")


def rows(*, columns: int) -> list[list[str]]:
    """The cells of the guide's table rows that begin with code and have this many columns."""
    lines = [line for line in GUIDE.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if len(row) == columns]


def leaves(config: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted key, value) of every setting."""
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def documented_defaults() -> dict[str, Any]:
    """Dotted key -> default, from the table of settings and the JSON of the features."""
    table = [(names, default) for names, default, _ in rows(columns=3) if default.startswith("`")]
    stated = {name: json.loads(default.strip("`")) for names, default in table for name in CODE.findall(names)}
    found = re.search(r"^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return stated | dict(leaves(json.loads(found[1])))


def documented_presets() -> dict[str, dict[str, Any]]:
    """Preset -> dotted key -> value, from the table of differences."""
    values: dict[str, dict[str, Any]] = {name: {} for name in PRESETS}
    for names, *cells in rows(columns=len(PRESETS) + 1):
        for name in CODE.findall(names):
            for column, cell in zip(values.values(), cells, strict=True):
                column[name] = json.loads(cell.strip("`"))
    return values


def test_every_option_of_the_command_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_two_tower.main(["--help"])
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", capsys.readouterr().out)) - {"--help"}
    explained = set(re.findall(r"--[a-z][a-z-]*", "\n".join(row[0] for row in rows(columns=2))))
    assert len(options) > 20
    assert explained == options


def test_every_setting_has_the_default_that_the_guide_states() -> None:
    assert documented_defaults() == dict(leaves(to_dict(TrainingConfig())))


def test_the_presets_differ_in_what_the_guide_says_and_in_nothing_else() -> None:
    configurations = {name: dict(leaves(to_dict(preset(name)))) for name in PRESETS}
    base = configurations["default"]
    differing = {key for values in configurations.values() for key in base if values[key] != base[key]} - {"preset"}
    expected = {name: {key: values[key] for key in differing} for name, values in configurations.items()}
    assert documented_presets() == expected


@pytest.mark.parametrize("name", sorted(name for name in PRESETS if preset(name).towers == "profile"))
def test_the_sizes_of_the_models_are_as_stated(name: str) -> None:
    parameters = sum(parameter.numel() for parameter in TwoTowerNetwork(preset(name)).parameters())
    assert re.search(rf"`{name}` (has )?{parameters:,}\b", GUIDE)


def test_every_file_beside_a_version_is_explained() -> None:
    explained = {name for row in rows(columns=2) for name in CODE.findall(row[0])}
    assert explained >= set(FILES)


def test_the_refusal_is_that_of_the_gate() -> None:
    assert f"over at least {FEWEST_PEOPLE} people" in " ".join(GUIDE.split())


def test_every_preset_and_its_towers_are_named() -> None:
    assert all(f"`{name}`" in GUIDE for name in (*PRESETS, *TOWERS))


def test_every_metric_and_loss_is_explained() -> None:
    explained = {row[0].strip("`").removesuffix("@K") for row in rows(columns=2) if "@K" in row[0]}
    per_user = {name.removesuffix("@10") for name in value_names((10,))} - {"auc"}
    assert explained == {*METRICS, *per_user, "coverage", "gini", "popular_share", "new_share"}
    assert "| `auc` |" in GUIDE
    assert all(f"`{name}`" in GUIDE for name in LOSSES)


def test_the_intervals_and_segments_are_those_of_the_evaluation() -> None:
    config = EvaluationConfig()
    assert f"{config.confidence:.0%}".replace("%", " %") + " bootstrap" in GUIDE
    assert f"({config.resamples:,} draws)" in GUIDE
    assert f"under {config.warm_from}, {config.warm_from} to {config.hot_above}, over {config.hot_above}" in " ".join(
        GUIDE.split()
    )
    assert "K is " + "{}, {} and {}".format(*config.ks) in GUIDE
