"""How close a trained model comes to the best possible ranking, on the simulated platform.

    make bench-simulated

The platform keeps the true expected label of every pair. An oracle that ranks by it is judged like every other
engine: on held-out time, over the full catalogue, without what the person had already acted on. One model is trained
per seed; the platform is the same for all of them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from result import Row, write_result

from recommendation_service.adapters.dataset_files import read_dataset
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.evaluation import evaluate
from recommendation_service.engines.evaluation_report import SegmentReport
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState

REPOSITORY = Path(__file__).resolve().parents[1]
BACKEND = REPOSITORY / "backend"
SERVICE = REPOSITORY / "recommendation_service"
SEED = 7
METRICS = ("ndcg@10", "precision@10", "recall@10")
SEGMENTS = {"all": "simulated", "activity=warm": "simulated/warm"}


class OracleScorer(Scorer):
    """Scores by the truth; NaN for a startup that the truth does not know."""

    def __init__(self, catalogue: Catalogue, rows: Mapping[str, int], labels: FloatArray) -> None:
        super().__init__(catalogue)
        self._rows, self._labels = rows, labels

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """True expected label float32 [B, N]."""
        return self._labels[[self._rows[str(user.record.external_id)] for user in users]]


class OracleRecommender(Recommender):
    """The best possible ranking: the expected label over the judged window, from the simulation's side file."""

    name: ClassVar[str] = "oracle"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, file: Path) -> None:
        with np.load(file) as truth:
            self._labels: FloatArray = truth["window_expected_label"]
            self._users = {str(key): row for row, key in enumerate(truth["user_external_ids"])}
            self._startups = {str(key): column for column, key in enumerate(truth["startup_external_ids"])}

    def fit(self, data: TrainingData) -> Self:  # noqa: ARG002 - it knows already
        """Learn nothing."""
        return self

    def bind(self, catalogue: Catalogue) -> OracleScorer:
        """Bring the truth into the order of the catalogue."""
        columns = [self._startups[str(startup.external_id)] for startup in catalogue.startups]
        return OracleScorer(catalogue, self._users, self._labels[:, columns])


def main() -> None:
    """Run everything and write `results/simulated.json`."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="launchmatch-simulated-") as name:
        folder = Path(name)
        dataset = _make_dataset(folder, options)
        for seed in options.seeds:
            train = [sys.executable, "train_two_tower.py", "--data", str(dataset), "--models", str(folder / "models")]
            _run([*train, "--preset", options.preset, "--seed", str(seed)], SERVICE, os.environ)
        segments = _judge_all(folder, dataset)
    print(f"written to {write_result('simulated', rows=_rows(segments), data=None, seed=SEED)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--startups", type=int, default=600)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--preset", default="fast")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="one model is trained for each")
    return parser.parse_args()


def _make_dataset(folder: Path, options: argparse.Namespace) -> Path:
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'launchmatch.sqlite3'}"}
    dataset = folder / "two_tower_train.csv"
    size = ["--users", options.users, "--startups", options.startups, "--days", options.days, "--seed", SEED]
    manage = [sys.executable, "manage.py"]
    _run([*manage, "migrate", "--verbosity", "0"], BACKEND, environment)
    seed = ["seed_platform", *map(str, size), "--oracle", str(folder / "oracle.npz")]
    _run([*manage, *seed], BACKEND, environment)
    _run([*manage, "generate_embeddings"], BACKEND, environment)
    generate = ["generate_two_tower_dataset", "--output", str(dataset), "--negative-samples", "2"]
    _run([*manage, *generate], BACKEND, environment)
    return dataset


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    print("$", " ".join(command[1:]), flush=True)
    subprocess.run(command, cwd=folder, env=environment, check=True)


def _judge_all(folder: Path, dataset: Path) -> dict[str, list[SegmentReport]]:
    """For each segment, the report of every trained seed beside the baselines and the oracle."""
    data = read_dataset(dataset)
    registry = ModelRegistry(folder / "models")
    versions = [model.version for model in registry.versions()]
    split = TemporalSplit.from_dict(registry.describe(versions[0]).split)
    known = data_before(data, split.train_until)
    others = [PopularityRecommender().fit(known), ContentBasedRecommender().fit(known)]
    others.append(OracleRecommender(folder / "oracle.npz"))
    reports: dict[str, list[SegmentReport]] = {name: [] for name in SEGMENTS}
    for version in versions:
        engines = {engine.name: engine for engine in (registry.load_recommender(version), *others)}
        report = evaluate(engines, data, split.test_window, primary="two_tower").report
        for name, found in reports.items():
            segment = report.segment(name)
            found += [segment] if segment else []
    return reports


def _rows(reports: Mapping[str, list[SegmentReport]]) -> list[Row]:
    rows = []
    for name, segments in reports.items():
        for engine in segments[0].engines if segments else ():
            rows += [_row(SEGMENTS[name], engine, metric, segments) for metric in METRICS]
    return rows


def _row(prefix: str, engine: str, metric: str, segments: list[SegmentReport]) -> Row:
    """The mean over seeds, with the widest of the seeds' intervals over people."""
    figures = [segment.engines[engine][metric] for segment in segments]
    value = statistics.fmean(figure.mean for figure in figures)
    oracle = segments[0].engines["oracle"][metric].mean
    return Row(
        name=f"{prefix}/{engine}/{metric}",
        value=round(value, 5),
        unit=f"mean of {len(figures)} seeds" if engine == "two_tower" else "",
        interval=(min(figure.low for figure in figures), max(figure.high for figure in figures)),
        against="oracle",
        ratio=round(value / oracle, 4),
    )


if __name__ == "__main__":
    main()
