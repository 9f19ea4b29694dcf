"""The engineer's door to the model registry.

python manage_models.py list                     every version, its state and its figures
python manage_models.py validate two_tower_v2    prove that a version can serve, or say why not
python manage_models.py activate two_tower_v2    let it serve; a running service notices within seconds
                                                 (--force: even though its own training refused it, or no open
                                                 startup has a text by the encoder it was trained on)
python manage_models.py rollback                 back to the version that was active before
python manage_models.py deactivate               serve without a learned model
python manage_models.py token --scope operator   a token to ask a running service with, e.g. by curl
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from rich.console import Console
from rich.table import Table

from contracts.access import SUBJECT_OF_PLATFORM, Scope
from recommendation_service.adapters.database_engine import DatabaseUrlError
from recommendation_service.app import build_database
from recommendation_service.engines.errors import ConfigError, ModelFileError
from recommendation_service.engines.model_registry import ModelRegistry, RegisteredModel
from recommendation_service.http_api.tokens import sign_token
from recommendation_service.services.errors import DatabaseUnavailableError
from recommendation_service.services.model_texts import require_readable_texts
from recommendation_service.services.ports import TextCounts
from recommendation_service.settings import read_settings

MOST_MINUTES = 24 * 60
"""A token cannot be taken back but by taking out its key."""
SHOWN_METRICS = ("ndcg@10", "recall@10", "precision@10")
Command = Callable[[ModelRegistry, argparse.Namespace], None]
console = Console()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what cannot be used ends in one sentence and status 2."""
    try:
        options = _parser().parse_args(arguments)
        COMMANDS[options.command](ModelRegistry(options.models), options)
    except (ModelFileError, ConfigError, OSError) as error:
        sys.stderr.write(f"manage_models.py: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="manage_models.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=Path, default=read_settings().models_dir, help="the folder of the registry")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        command = commands.add_parser(name)
        if name in {"validate", "activate"}:
            command.add_argument("version", help="e.g. two_tower_v2")
        if name == "token":
            _add_token_options(command)
        if name == "activate":
            command.add_argument("--force", action="store_true", help="activate it whatever speaks against it")
    return parser


def _add_token_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--scope", type=Scope, choices=list(Scope), default=Scope.OPERATOR, help="what it opens")
    command.add_argument("--user", type=UUID, help="whom it speaks for; needed for a member")
    command.add_argument("--minutes", type=_minutes, default=10.0, help="how long it opens anything (default 10)")


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes <= MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {MOST_MINUTES}, got {text}")
    return minutes


def _list(registry: ModelRegistry, _options: argparse.Namespace) -> None:
    models = registry.versions()
    if not models:
        console.print(f"No model in {registry.folder}; train one: python train_two_tower.py --data ...")
        return
    table = Table("version", "status", "created (UTC)", *SHOWN_METRICS)
    for model in models:
        table.add_row(model.version, model.status.value, *_facts(model))
    console.print(table)
    for model in models:
        if model.problem:
            console.print(f"{model.version}: {model.problem}")


def _facts(model: RegisteredModel) -> list[str]:
    """When it was made and how good it was, as far as that is known."""
    if model.manifest is None:
        return ["", *("" for _ in SHOWN_METRICS)]
    metrics = model.manifest.metrics
    figures = [f"{metrics[name]:.4f}" if name in metrics else "" for name in SHOWN_METRICS]
    return [f"{model.manifest.created_at:%Y-%m-%d %H:%M}", *figures]


def _validate(registry: ModelRegistry, options: argparse.Namespace) -> None:
    registry.load_engines(options.version)
    texts = _checked_texts(registry, options.version)
    console.print(f"{options.version} is whole and can serve{texts}.")


def _checked_texts(registry: ModelRegistry, version: str) -> str:
    """What the platform's texts say about a version, to be added to a sentence.

    Raises:
        ModelFileError: If every text is by another encoder than the one it was trained on.
    """
    encoder = registry.describe(version).encoder
    if encoder is None:
        return ""
    try:
        texts = _text_counts()
    except (DatabaseUnavailableError, DatabaseUrlError) as error:
        return f", if the platform's texts are by {encoder}, which could not be found out: {error}"
    require_readable_texts(version, encoder, texts)
    readable = texts.by_encoder.get(encoder, 0)
    return f"; {readable} of {texts.startups} open startups have a text by its encoder {encoder}"


def _text_counts() -> TextCounts:
    database = build_database(read_settings())
    try:
        return database.text_counts(datetime.now(UTC))
    finally:
        database.close()


def _activate(registry: ModelRegistry, options: argparse.Namespace) -> None:
    if not options.force:
        _checked_texts(registry, options.version)
    registry.activate(options.version, force=options.force)
    console.print(f"{options.version} is active.")


def _rollback(registry: ModelRegistry, _options: argparse.Namespace) -> None:
    console.print(f"{registry.rollback()} is active again.")


def _deactivate(registry: ModelRegistry, _options: argparse.Namespace) -> None:
    registry.deactivate()
    console.print("No version is active; the service answers without a learned model.")


def _token(_registry: ModelRegistry, options: argparse.Namespace) -> None:
    """Nothing but the token, so that a shell can put it into a header."""
    if options.scope is Scope.MEMBER and options.user is None:
        raise ConfigError("a member's token needs --user with the member's id")
    subject = SUBJECT_OF_PLATFORM if options.scope is Scope.PLATFORM else str(options.user or uuid4())
    keys = read_settings().service_keys
    sys.stdout.write(sign_token(keys, options.scope, subject, timedelta(minutes=options.minutes)) + "\n")


COMMANDS: dict[str, Command] = {
    "list": _list,
    "validate": _validate,
    "activate": _activate,
    "rollback": _rollback,
    "deactivate": _deactivate,
    "token": _token,
}

if __name__ == "__main__":
    raise SystemExit(main())
