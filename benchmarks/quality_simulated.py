"""The simulated platform: 2,000 people, 600 startups and 120 days whose truth is known (docs/simulation.md).

The last 20 % of the acts are judged, the 10 % before them choose settings. An oracle that ranks by the true expected
label of every pair is the limit: it knows tastes, but neither chance nor what the feed will show, so its NDCG@10 stays
below 1. An informed reader is the limit of what can be had from what the platform records: it knows the simulator's
formulas, and of people only what they told and did before the judged window. Figures are given as they are and as
shares of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contest import Contest, Entry
from peers.entries import enter_peers
from peers.informed_reader import read_informed
from peers.oracle import OracleRecommender
from product_commands import make_dataset
from product_entries import enter_product
from quality_part import PartResult, QualityOptions
from quality_rows import contest_rows

from recommendation_service.engines.ensemble import EnsembleConfig
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.reranking.boosted_trees import BoostedTreesConfig
from recommendation_service.engines.splitting import TemporalSplit, split_by_ratio
from recommendation_service.engines.types import TrainingData

SEED = 7
TWO_TOWER = {"preset": "history"}
ENSEMBLE = EnsembleConfig(ranker=BoostedTreesConfig(models=1, trees=250), network_share=0.5, vote=0.35)
"""Chosen on the validation window: there is more to learn from than on real data of investors, so trees go further, and
a network beside them finds what they miss.
"""


def measure(options: QualityOptions) -> PartResult:
    """Judge everybody on the simulated platform, the oracle included."""
    folder = options.work / "simulated"
    size = ["--users", "2000", "--startups", "600", "--days", "120", "--seed", str(SEED)]
    oracle = (folder / "oracle.npz").resolve()
    data = make_dataset(folder, ["seed_platform", *size, "--oracle", str(oracle)], None)
    contest = Contest(
        name="simulated",
        data=data,
        split=options.split(_final_split(data), _development_split(data)),
        config=EvaluationConfig(policy="listed"),
        seeds=options.seeds,
    )
    windows = {"windows": 3, "window_days": 12.0}
    entries = [
        *enter_peers(contest, options, least_acts=1, lambdamart=windows),
        *enter_product(contest, TWO_TOWER, ENSEMBLE),
        _enter_reader(contest, folder, size, quick=options.quick),
        Entry(name="oracle", engines=[OracleRecommender(oracle)], chosen={}, kind="limit"),
    ]
    return PartResult(
        rows=contest_rows(contest, entries),
        settings={entry.name: {**entry.chosen, **entry.chosen_by} for entry in entries},
        sources=[],
        protocol=__doc__ or "",
    )


def _enter_reader(contest: Contest, folder: Path, size: Sequence[str], *, quick: bool) -> Entry:
    """The informed reader, with shorter chains where time is short."""
    sweeps = 100 if quick else 600
    output = (folder / "informed_reader.npz").resolve()
    reader = read_informed(folder / "launchmatch.sqlite3", size, contest.split.test_window, output, sweeps=sweeps)
    contest.say(f"informed_reader: {sweeps} sweeps")
    return Entry(name=reader.name, engines=[reader], chosen={"sweeps": sweeps}, kind="limit")


def _final_split(data: TrainingData) -> TemporalSplit:
    return split_by_ratio(data.interactions, test=0.2, validation=0.1)


def _development_split(data: TrainingData) -> TemporalSplit:
    """One window earlier: judged on the final split's validation window."""
    final = _final_split(data)
    earlier = split_by_ratio(data.interactions, test=0.3, validation=0.1)
    return TemporalSplit(
        validation_from=earlier.validation_from, train_until=earlier.train_until, test_until=final.train_until
    )
