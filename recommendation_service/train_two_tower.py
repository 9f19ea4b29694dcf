"""Train the two-tower model and judge it beside the baselines.

Train on a dataset, judge on what came after, save as the next version:
    python train_two_tower.py --data data/two_tower_train.csv --epochs 50 --batch-size 256
Judge a saved version on the time after its training:
    python train_two_tower.py --evaluate --model models/two_tower_v1.pth --data data/two_tower_train.csv
The published protocol on Crunchbase's 2013 export (test from 2012-07-01 on, validate on the half year before):
    python train_two_tower.py --data data/two_tower_train.csv --protocol cb2013
Let a version take traffic: add --activate, or later
    python manage_models.py activate two_tower_v1
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

# Threads that wait by spinning make a training on shared cores ten times slower; torch reads this once, when imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from rich.console import Console

from recommendation_service.adapters.dataset_files import read_dataset
from recommendation_service.adapters.evaluation_terminal import evaluation_remarks, evaluation_tables
from recommendation_service.adapters.rankings_file import write_rankings
from recommendation_service.adapters.training_terminal import TerminalObserver
from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.errors import ConfigError, EngineError
from recommendation_service.engines.evaluation import Evaluation
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_protocols import PROTOCOLS, find_protocol
from recommendation_service.engines.losses import find_loss
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.splitting import TemporalSplit, split_by_ratio
from recommendation_service.engines.timeline import before, parse_moment
from recommendation_service.engines.training_config import PRESETS, TrainingConfig, preset, read_config
from recommendation_service.engines.training_session import TrainingSession
from recommendation_service.engines.types import Interactions, TrainingData
from recommendation_service.services.model_training import TrainedVersion, judge_version, train_version
from recommendation_service.settings import Settings

_FAILED = 2
_INTERRUPTED = 130
_WIDTH = 136
"""Of tables that go into a file or a pipe."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 2 for what the user can cure, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDTH)
    try:
        _run(options, console)
    except (EngineError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        cure = "" if options.evaluate else "; the same command with --resume goes on after the last finished epoch"
        print(f"interrupted{cure}", file=sys.stderr)
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="pairs file of the dataset (.csv or .parquet)")
    parser.add_argument(
        "--models", "--output", type=Path, default=Settings().models_dir, help="folder of the versions (MODELS_DIR)"
    )
    parser.add_argument("--activate", action="store_true", help="let the new or judged version take traffic")
    parser.add_argument("--device", default="auto", help="auto (a GPU if there is one), cpu or cuda")
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
    group.add_argument("--resume", action="store_true", help="go on after the last finished epoch of the same training")


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
    group.add_argument("--report", type=Path, metavar="FILE.json", help="write every figure")
    group.add_argument("--rankings", type=Path, metavar="FILE.parquet", help="write the rankings behind the figures")


def _run(options: argparse.Namespace, console: Console) -> None:
    if options.threads is not None:
        if options.threads < 1:
            raise ConfigError(f"--threads must be at least 1, got {options.threads}")
        torch.set_num_threads(options.threads)
    if options.evaluate:
        _evaluate(options, console)
    else:
        _train(options, console)


def _train(options: argparse.Namespace, console: Console) -> None:
    config = _config(options)
    device = _device(options.device)
    data = _read(options.data, console)
    split = _training_split(options, data.interactions)
    registry = ModelRegistry(options.models)
    with TerminalObserver(console, validation_k=config.validation_k) as observer:
        session = TrainingSession(
            device=device, checkpoints=options.models / "checkpoints", resume=options.resume, observer=observer
        )
        trained = train_version(data, config, split, registry, session=session, judging=_judging(options))
    _tell(trained, data, registry, console)
    if trained.evaluation is not None:
        _show(trained.evaluation, trained.manifest.version, options, console)
    _activate_or_say_how(options, registry, trained.manifest.version, console)


def _evaluate(options: argparse.Namespace, console: Console) -> None:
    if options.model is None:
        raise ConfigError("--evaluate needs --model, e.g. --model models/two_tower_v1.pth")
    registry, version = ModelRegistry.of_file(options.model)
    recorded = registry.describe(version).data.get("path")
    data = _read(options.data or (Path(recorded) if recorded else None), console)
    evaluation = judge_version(registry, version, data, _given_split(options), _judging(options))
    _show(evaluation, version, options, console)
    if options.activate:
        _activate(registry, version, console)


def _config(options: argparse.Namespace) -> TrainingConfig:
    if options.config and options.preset:
        raise ConfigError(f'give the preset inside {options.config} ("preset": "{options.preset}") or drop --config')
    config = read_config(options.config) if options.config else preset(options.preset or "default")
    given = {name: getattr(options, name) for name in ("epochs", "batch_size", "seed")}
    config = replace(config, **{name: value for name, value in given.items() if value is not None})
    find_loss(config.loss.name)
    return config


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name not in {"cpu", "cuda"}:
        raise ConfigError(f"--device must be auto, cpu or cuda, got {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: torch finds no GPU here; use --device cpu")
    return torch.device(name)


def _training_split(options: argparse.Namespace, interactions: Interactions) -> TemporalSplit:
    """The cuts to train with: as given, and by share of the acts where no date says otherwise."""
    given = _given_split(options)
    if given is None:
        return split_by_ratio(interactions, test=options.test_share, validation=options.validation_share)
    if given.validation_from is None:
        known = before(interactions, given.train_until)
        by_share = split_by_ratio(known, test=options.validation_share, validation=0.0)
        return replace(given, validation_from=by_share.train_until)
    return given


def _given_split(options: argparse.Namespace) -> TemporalSplit | None:
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


def _judging(options: argparse.Namespace) -> EvaluationConfig:
    named = find_protocol(options.protocol).policy if options.protocol else None
    return EvaluationConfig(policy=options.catalogue or named)


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
        f"saved {_shown(registry.folder / version)}.pth with its .json, .history.json and .curves.png; "
        f"best epoch {model.search.best.epoch + 1} of {len(model.search)}"
    )
    if trained.not_evaluated:
        console.print(f"not evaluated: {trained.not_evaluated}")


def _show(evaluation: Evaluation, version: str, options: argparse.Namespace, console: Console) -> None:
    for remark in evaluation_remarks(evaluation.report):
        console.print(remark)
    for table in evaluation_tables(evaluation.report):
        console.print(table)
    if options.report:
        content = {"version": version, **evaluation.report.to_dict()}
        write_atomically(options.report, (json.dumps(content, indent=1) + "\n").encode())
        console.print(f"figures: {options.report}")
    if options.rankings:
        rows = write_rankings(evaluation, options.rankings)
        console.print(f"rankings: {options.rankings} ({rows} rows)")


def _activate_or_say_how(options: argparse.Namespace, registry: ModelRegistry, version: str, console: Console) -> None:
    if options.activate:
        _activate(registry, version, console)
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
