"""The options of `train_two_tower.py`, and what they mean: configuration, device, cuts of time, judging."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from recommendation_service.engines.atomic_files import obstacle_to
from recommendation_service.engines.config_json import override, read_json_object
from recommendation_service.engines.ensemble import EnsembleConfig
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_protocols import PROTOCOLS, find_protocol
from recommendation_service.engines.losses import find_loss
from recommendation_service.engines.reranking.training_windows import WindowsConfig
from recommendation_service.engines.splitting import TemporalSplit, split_by_ratio
from recommendation_service.engines.timeline import before, done_by_people, parse_moment
from recommendation_service.engines.training_config import PRESETS, TrainingConfig, preset, read_config
from recommendation_service.engines.types import Interactions
from recommendation_service.settings import Settings

BESIDE_THE_VERSION = Path()
"""What `--write-routing` without a file means."""
AS_IT_IS = Path()
"""What `--ensemble` without a file means."""
MOST_THREADS = 1024
"""Beyond what any machine gains from; the system ends a process that asks for many more than it can give."""
_FIGURES = ("reverse", "report", "rankings", "write_routing")
_WITHOUT_EFFECT = {
    "evaluate": ("ensemble", "resume"),
    "compare": ("ensemble", "resume", "write_routing", "activate"),
    "find_lr": (*_FIGURES, "ensemble", "resume", "activate"),
    "tune": (*_FIGURES, "ensemble", "activate"),
}
"""What is done instead of training -> options that somebody would wait for in vain beside it."""


def training_parser(description: str | None) -> argparse.ArgumentParser:
    """The command line of `train_two_tower.py`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="pairs file of the dataset (.csv or .parquet)")
    parser.add_argument(
        "--models", "--output", type=Path, default=Settings().models_dir, help="folder of the versions (MODELS_DIR)"
    )
    parser.add_argument("--activate", action="store_true", help="let the new or judged version take traffic")
    parser.add_argument("--device", default="auto", help="auto (a GPU if there is one), cpu or cuda")
    parser.add_argument(
        "--memory-map", action="store_true", help="keep the inputs of profile towers on disk, for data beyond memory"
    )
    parser.add_argument("--threads", type=int, help="CPU threads for torch (default: one per core)")
    _add_training_options(parser.add_argument_group("training"))
    _add_split_options(parser.add_argument_group("cuts of time (default: the last 20 %% of the acts test)"))
    _add_evaluation_options(parser.add_argument_group("evaluation"))
    return parser


def _add_training_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--preset", choices=sorted(PRESETS), help="where the configuration begins (default: default)")
    group.add_argument("--config", type=Path, help="JSON laid over a preset, which its key `preset` may name")
    group.add_argument("--epochs", type=int, help="the most passes over the data")
    group.add_argument("--batch-size", type=int, help="rows per step")
    group.add_argument("--seed", type=int, help="of weights, order and dropout")
    group.add_argument(
        "--ensemble",
        nargs="?",
        type=Path,
        const=AS_IT_IS,
        metavar="FILE.json",
        help="also learn an ensemble in which the two towers vote beside others (FILE: laid over its configuration)",
    )
    group.add_argument("--resume", action="store_true", help="go on after the last finished epoch of the same training")
    group.add_argument("--find-lr", action="store_true", help="suggest a learning rate instead of training")
    group.add_argument(
        "--tune", type=int, metavar="N", help="search for a better configuration in N trials instead of training"
    )


def _add_split_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--protocol", choices=sorted(PROTOCOLS), help="a published split with its catalogue")
    group.add_argument("--train-until", metavar="DATE", help="learn from what lies before; test begins here")
    group.add_argument("--validation-from", metavar="DATE", help="the tail of training that picks the best epoch")
    group.add_argument("--test-until", metavar="DATE", help="end of the test (default: end of the data)")
    group.add_argument("--test-share", type=float, default=0.2, help="share of the acts, without dates (default: 0.2)")
    group.add_argument("--validation-share", type=float, default=0.1, help="likewise, before the test (default: 0.1)")


def _add_evaluation_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--evaluate", action="store_true", help="judge a saved version instead of training")
    group.add_argument("--model", type=Path, help="the version to judge, e.g. models/two_tower_v1.pth")
    group.add_argument(
        "--catalogue", choices=["listed", "funded"], help="which startups are ranked (default: by the data)"
    )
    group.add_argument("--reverse", action="store_true", help="judge the direction startup -> people too")
    group.add_argument(
        "--compare", nargs=2, metavar=("A", "B"), help="judge two saved versions on the same question: is A better?"
    )
    group.add_argument(
        "--write-routing",
        nargs="?",
        type=Path,
        const=BESIDE_THE_VERSION,
        metavar="FILE.json",
        help="write what the validation window says is due for cold, warm and hot people (default: beside the version)",
    )
    group.add_argument("--report", type=Path, metavar="FILE.json", help="write every figure")
    group.add_argument("--rankings", type=Path, metavar="FILE.parquet", help="write the rankings behind the figures")


def require_possible(options: argparse.Namespace) -> None:
    """Refuse, before anything is read or trained, options that contradict each other or cannot be carried out.

    Raises:
        ConfigError: With the options and what to give instead.
    """
    _require_one_purpose(options)
    if options.threads is not None and not 1 <= options.threads <= MOST_THREADS:
        raise ConfigError(f"--threads must be at least 1 and at most {MOST_THREADS}, got {options.threads}")
    targets = {name: getattr(options, name) for name in ("report", "rankings", "write_routing")}
    if not (options.evaluate or options.compare):
        targets["models"] = options.models / "new"
    for name, target in targets.items():
        if target not in {None, BESIDE_THE_VERSION} and (obstacle := obstacle_to(target)):
            raise ConfigError(f"nothing can be written for {_option(name)}: {obstacle}; name another place")


def _require_one_purpose(options: argparse.Namespace) -> None:
    purposes = _given(options, _WITHOUT_EFFECT)
    if len(purposes) > 1:
        raise ConfigError(f"{' and '.join(map(_option, purposes))} are different things to do; give one of them")
    if options.model and not options.evaluate:
        raise ConfigError(f"--model {options.model} names a version to judge; add --evaluate, or train without --model")
    for purpose in purposes:
        vain = _given(options, _WITHOUT_EFFECT[purpose])
        if vain:
            raise ConfigError(
                f"{' and '.join(map(_option, vain))} would have no effect with {_option(purpose)}; leave it out"
            )


def _given(options: argparse.Namespace, names: Iterable[str]) -> list[str]:
    """Those of the options that are there, `--tune 0` among them."""
    return [name for name in names if getattr(options, name) is not None and getattr(options, name) is not False]


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def config_of(options: argparse.Namespace) -> TrainingConfig:
    """What to train: a preset or a file, and over it what the options name.

    Raises:
        ConfigError: For a value, key or name that cannot be.
    """
    if options.config and options.preset:
        raise ConfigError(f'give the preset inside {options.config} ("preset": "{options.preset}") or drop --config')
    config = read_config(options.config) if options.config else preset(options.preset or "default")
    given = {name: getattr(options, name) for name in ("epochs", "batch_size", "seed")}
    config = replace(config, **{name: value for name, value in given.items() if value is not None})
    find_loss(config.loss.name)
    return config


def ensemble_of(options: argparse.Namespace, config: TrainingConfig) -> EnsembleConfig | None:
    """The ensemble to learn beside the towers, from windows of the catalogue that is judged; or None.

    Raises:
        ConfigError: If its file cannot be read, or holds a value or key that cannot be.
    """
    if options.ensemble is None:
        return None
    ensemble = EnsembleConfig(windows=WindowsConfig(policy=judging_of(options).policy), seed=config.seed % 2**31)
    return ensemble if options.ensemble == AS_IT_IS else override(ensemble, read_json_object(options.ensemble))


def device_of(name: str) -> torch.device:
    """Where to compute: `auto` takes a GPU if there is one.

    Raises:
        ConfigError: For an unknown device, or a GPU that is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name not in {"cpu", "cuda"}:
        raise ConfigError(f"--device must be auto, cpu or cuda, got {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: torch finds no GPU here; use --device cpu")
    return torch.device(name)


def training_split_of(options: argparse.Namespace, interactions: Interactions) -> TemporalSplit:
    """The cuts to train with: as given, and by share of the acts where no date says otherwise."""
    given = given_split_of(options)
    if given is None:
        return split_by_ratio(interactions, test=options.test_share, validation=options.validation_share)
    if given.validation_from is None:
        known = before(interactions, given.train_until)
        moments = len(np.unique(known.time[done_by_people(known)]))
        if moments < 2:
            raise ConfigError(
                f"people acted at {moments} moments before --train-until {options.train_until}, and training and "
                "validation need two; give a later one"
            )
        by_share = split_by_ratio(known, test=options.validation_share, validation=0.0)
        return replace(given, validation_from=by_share.train_until)
    return given


def given_split_of(options: argparse.Namespace) -> TemporalSplit | None:
    """The cuts that the options name, or None when they name none."""
    dates = {name: getattr(options, name) for name in ("train_until", "validation_from", "test_until")}
    moments = {name: parse_moment(text) for name, text in dates.items() if text is not None}
    if options.protocol:
        return replace(find_protocol(options.protocol).split, **moments)
    if not moments:
        return None
    if "train_until" not in moments:
        raise ConfigError("--validation-from and --test-until need --train-until, the moment between training and test")
    return TemporalSplit(**moments)


def judging_of(options: argparse.Namespace) -> EvaluationConfig:
    """How to judge: the catalogue that an option or the protocol names."""
    named = find_protocol(options.protocol).policy if options.protocol else None
    return EvaluationConfig(policy=options.catalogue or named)
