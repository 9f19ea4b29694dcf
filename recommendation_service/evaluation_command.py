"""What `train_two_tower.py` does with figures: judge a version, both ways round, compare two, write routes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from recommendation_service.adapters.evaluation_terminal import (
    comparison_table,
    evaluation_remarks,
    evaluation_tables,
    reverse_remarks,
    reverse_tables,
    routing_table,
)
from recommendation_service.adapters.rankings_file import write_rankings
from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.evaluation import Evaluation
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.routing_table import RoutingTable, routing_file
from recommendation_service.engines.types import TrainingData
from recommendation_service.services.model_evaluation import (
    compare_versions,
    judge_reverse,
    judge_version,
    route_version,
)
from recommendation_service.training_options import BESIDE_THE_VERSION, given_split_of, judging_of


def judge_and_show(
    registry: ModelRegistry, version: str, data: TrainingData, options: argparse.Namespace, console: Console
) -> None:
    """Judge a saved version beside the baselines, and write the routes it supports if asked to.

    Raises:
        EngineError: If the version, the data or the cuts cannot be used.
    """
    show_evaluation(
        judge_version(registry, version, data, given_split_of(options), judging_of(options)), version, options, console
    )
    if options.write_routing is not None:
        routes = route_version(registry, version, data, judging_of(options))
        write_routes(routes, registry, version, options, console)


def compare_and_show(
    registry: ModelRegistry,
    versions: tuple[str, str],
    data: TrainingData,
    options: argparse.Namespace,
    console: Console,
) -> None:
    """Judge two saved versions on the same question and say whether the first is better.

    Raises:
        EngineError: If the versions, the data or the cuts cannot be used.
    """
    evaluation, comparison = compare_versions(registry, versions, data, given_split_of(options), judging_of(options))
    show_evaluation(evaluation, versions[0], options, console, comparison=comparison.to_dict())
    console.print(comparison_table(comparison))
    console.print(comparison.verdict())


def versions_to_compare(options: argparse.Namespace) -> tuple[ModelRegistry, tuple[str, str]]:
    """The registry and the versions that `--compare A B` names, by version or by file.

    Raises:
        ConfigError: If the files lie in different folders.
        ModelFileError: If one is no model file or version.
    """
    folders, versions = set(), []
    for name in options.compare:
        file = Path(name) if name.endswith(".pth") else options.models / f"{name}.pth"
        registry, version = ModelRegistry.of_file(file)
        folders.add(registry.folder.resolve())
        versions.append(version)
    if len(folders) > 1:
        raise ConfigError(f"--compare needs two versions of one folder, got {' and '.join(map(str, sorted(folders)))}")
    return ModelRegistry(folders.pop()), (versions[0], versions[1])


def show_evaluation(
    evaluation: Evaluation,
    version: str,
    options: argparse.Namespace,
    console: Console,
    **findings: Mapping[str, object],
) -> None:
    """Print the figures, and write the files that the options ask for.

    Args:
        evaluation: What to show.
        version: Of the model.
        options: `--reverse`, `--report` and `--rankings` count.
        console: Where to print.
        findings: More for the report file, by its key there.
    """
    for remark in evaluation_remarks(evaluation.report):
        console.print(remark)
    for table in evaluation_tables(evaluation.report):
        console.print(table)
    content = {"version": version, **evaluation.report.to_dict(), **findings}
    if options.reverse:
        content["reverse"] = _show_reverse(evaluation, console)
    if options.report:
        write_atomically(options.report, (json.dumps(content, indent=1) + "\n").encode())
        console.print(f"figures: {options.report}")
    if options.rankings:
        rows = write_rankings(evaluation, options.rankings)
        console.print(f"rankings: {options.rankings} ({rows} rows)")


def write_routes(
    routes: RoutingTable, registry: ModelRegistry, version: str, options: argparse.Namespace, console: Console
) -> None:
    """Show what is due by evidence, and write it to the file the options name, else beside the version."""
    target = options.write_routing
    target = routing_file(registry.folder, version) if target == BESIDE_THE_VERSION else target
    console.print(routing_table(routes))
    routes.write(target)
    console.print(f"routes: {target}")


def _show_reverse(evaluation: Evaluation, console: Console) -> dict[str, object]:
    report = judge_reverse(evaluation)
    for remark in reverse_remarks(report):
        console.print(remark)
    for table in reverse_tables(report):
        console.print(table)
    return report.to_dict()
