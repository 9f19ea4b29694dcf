"""Train the two-tower model and judge it beside the baselines.

Train on a dataset, judge on what came after, save as the next version:
    python train_two_tower.py --data data/two_tower_train.csv --epochs 50 --batch-size 256
Judge a saved version on the time after its training:
    python train_two_tower.py --evaluate --model models/two_tower_v1.pth --data data/two_tower_train.csv
The published protocol on Crunchbase's 2013 export (test from 2012-07-01 on, validate on the half year before):
    python train_two_tower.py --data data/two_tower_train.csv --protocol cb2013
Compare two saved versions on the same question:
    python train_two_tower.py --compare two_tower_v1 two_tower_v2 --data data/two_tower_train.csv
Find a learning rate, or a better configuration in 30 trials that the validation window judges:
    python train_two_tower.py --data data/two_tower_train.csv --find-lr
    python train_two_tower.py --data data/two_tower_train.csv --tune 30
Let a version take traffic: add --activate, or later
    python manage_models.py activate two_tower_v1
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# Threads that wait by spinning make a training on shared cores ten times slower; torch reads this once, when imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from rich.console import Console

from recommendation_service.adapters.dataset_files import read_dataset
from recommendation_service.adapters.training_lock import training_lock
from recommendation_service.adapters.training_terminal import TerminalObserver
from recommendation_service.engines.errors import ConfigError, EngineError
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.routing_evidence import route_by_evidence
from recommendation_service.engines.training_session import TrainingSession
from recommendation_service.engines.types import TrainingData
from recommendation_service.evaluation_command import (
    compare_and_show,
    judge_and_show,
    show_evaluation,
    versions_to_compare,
    write_routes,
)
from recommendation_service.search_command import suggest_learning_rate, tune_and_show
from recommendation_service.services.model_training import TrainedVersion, train_version
from recommendation_service.settings import Settings
from recommendation_service.training_options import (
    config_of,
    device_of,
    ensemble_of,
    judging_of,
    require_possible,
    training_parser,
    training_split_of,
)

_FAILED = 2
_INTERRUPTED = 130
_WITHOUT_MEMORY = (
    "out of memory; lower batch_size or the widths of the towers, export fewer rows with --since, keep the inputs of "
    "profile towers on disk with --memory-map, or leave a GPU that is too small with --device cpu"
)
_WIDTH = 136
"""Of tables that go into a file or a pipe."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 2 for what the user can cure, 130 when interrupted."""
    options = training_parser(__doc__).parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDTH)
    try:
        _run(options, console)
    except (EngineError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _FAILED
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        print(f"error: {_WITHOUT_MEMORY}{_how_to_go_on(options)}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print(f"interrupted{_how_to_go_on(options)}", file=sys.stderr)
        return _INTERRUPTED
    return 0


def _is_out_of_memory(error: MemoryError | RuntimeError) -> bool:
    """Of a GPU torch raises an error of its own, of the machine a plain RuntimeError."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _how_to_go_on(options: argparse.Namespace) -> str:
    if options.tune is not None:
        return "; the same command goes on after the last finished trial"
    if options.evaluate or options.compare or options.find_lr:
        return ""
    return "; the same command with --resume goes on after the last finished epoch"


def _run(options: argparse.Namespace, console: Console) -> None:
    require_possible(options)
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    if options.compare:
        _compare(options, console)
    elif options.evaluate:
        _evaluate(options, console)
    elif options.find_lr:
        suggest_learning_rate(options, _read(options.data, console), console)
    elif options.tune is not None:
        tune_and_show(options, _read(options.data, console), console)
    else:
        _train(options, console)


def _train(options: argparse.Namespace, console: Console) -> None:
    config = config_of(options)
    ensemble = ensemble_of(options, config)
    device = device_of(options.device)
    data = _read(options.data, console)
    split = training_split_of(options, data.interactions)
    registry = ModelRegistry(options.models)
    lock, observing = training_lock(options.models), TerminalObserver(console, validation_k=config.validation_k)
    with lock as own_folder, observing as observer:
        session = TrainingSession(
            device=device,
            checkpoints=own_folder,
            resume=options.resume,
            inputs=own_folder if options.memory_map else None,
            observer=observer,
        )
        trained = train_version(
            data,
            config,
            split,
            registry,
            session=session,
            judging=judging_of(options),
            ensemble=ensemble,
        )
    _tell(trained, data, registry, console)
    if trained.evaluation is not None:
        show_evaluation(trained.evaluation, trained.manifest.version, options, console)
    if options.write_routing is not None:
        write_routes(route_by_evidence(trained.validation), registry, trained.manifest.version, options, console)
    _activate_or_say_how(options, registry, trained, console)


def _evaluate(options: argparse.Namespace, console: Console) -> None:
    if options.model is None:
        raise ConfigError("--evaluate needs --model, e.g. --model models/two_tower_v1.pth")
    registry, version = ModelRegistry.of_file(options.model)
    data = _read(_data_path(options, registry, version), console)
    judge_and_show(registry, version, data, options, console)
    if options.activate:
        _activate(registry, version, console)


def _compare(options: argparse.Namespace, console: Console) -> None:
    registry, versions = versions_to_compare(options)
    data = _read(_data_path(options, registry, versions[0]), console)
    compare_and_show(registry, versions, data, options, console)


def _data_path(options: argparse.Namespace, registry: ModelRegistry, version: str) -> Path | None:
    """The dataset that the options name, else the one that a version was trained on."""
    recorded = registry.describe(version).data.get("path")
    return options.data or (Path(recorded) if recorded else None)


def _read(path: Path | None, console: Console) -> TrainingData:
    if path is None:
        raise ConfigError("no data: name the dataset, e.g. --data data/two_tower_train.csv")
    data = read_dataset(path)
    console.print(f"{path}: {len(data.interactions)} rows, {len(data.users)} people, {len(data.startups)} startups")
    return data


def _tell(trained: TrainedVersion, data: TrainingData, registry: ModelRegistry, console: Console) -> None:
    model, version = trained.model, trained.manifest.version
    for missing, of, all_of in (
        (model.missing_user_embeddings, "people", len(data.users)),
        (model.missing_startup_embeddings, "startups", len(data.startups)),
    ):
        if missing:
            cure = "run `python manage.py generate_embeddings` in backend/ and export the dataset again"
            console.print(f"note: {missing} of {all_of} {of} have no text embedding; {cure}")
    console.print(
        f"saved {_shown(registry.folder / version)}.pth with its manifest, card, history and pictures; "
        f"best epoch {model.search.best.epoch + 1} of {len(model.search)}"
    )
    verdict = trained.verdict
    if verdict.warning:
        console.print(f"warning: {verdict.warning}")
    if verdict.refused:
        console.print(f"refused: {verdict.refused}")
    if trained.not_evaluated:
        console.print(f"not evaluated: {trained.not_evaluated}")


def _activate_or_say_how(
    options: argparse.Namespace, registry: ModelRegistry, trained: TrainedVersion, console: Console
) -> None:
    version = trained.manifest.version
    if options.activate:
        _activate(registry, version, console)
        return
    if trained.verdict.refused:
        return
    where = "" if options.models == Settings().models_dir else f" --models {options.models}"
    console.print(f"not active yet; to let it take traffic: python manage_models.py{where} activate {version}")


def _activate(registry: ModelRegistry, version: str, console: Console) -> None:
    registry.activate(version)
    console.print(f"{version} is active")


def _shown(path: Path) -> Path:
    """A path as the person at the terminal would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
