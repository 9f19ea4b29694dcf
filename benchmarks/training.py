"""How fast the specified towers train, beside the machine's limit and beside others; memory and growth.

    make bench-training

Speed: one epoch after another of our training, a public library's and the usual DataLoader loop, on the same towers
(preset `default`), features and pairs, batch 1,024, with the machine's sgemm rate measured between them; ratios are
taken round by round and the median counts, since machines are shared. FLOPs are those that were really executed, as
torch counts them. Memory and growth: a fresh process trains one epoch on each number of pairs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from result import Row, write_result
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode
from training_data import synthetic_platform

from recommendation_service.engines.profile_training import ProfileTraining
from recommendation_service.engines.training_config import TrainingConfig, default
from recommendation_service.engines.types import TrainingData

SEED = 7
BATCH = 1024
USERS, STARTUPS = 100_000, 50_000
GROWTH = (100_000, 300_000, 1_000_000, 3_000_000)
LIMITED_PAIRS, MEMORY_LIMIT_GIB = 1_000_000, 4.0
SGEMM_SIZE = 2048
OURS, RECHUB, DATALOADER = "launchmatch", "rechub_dssm", "dataloader"


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one round measured, seconds of an epoch by name and the sgemm rate around it in FLOP/s."""

    seconds: Mapping[str, float]
    sgemm: float


def main() -> None:
    """Measure everything and write `results/training.json`."""
    options = _options()
    if options.epoch_of is not None:
        print(json.dumps(_one_epoch(options.epoch_of)))
        return
    rows = [*_speed_rows(options), *_growth_rows(options)]
    print(f"written to {write_result('training', rows=rows, data=None, seed=SEED)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="of each contestant (default: 3)")
    parser.add_argument("--pairs", type=int, default=200_000, help="of an epoch of the comparison (default: 200,000)")
    parser.add_argument("--growth", type=int, nargs="*", default=GROWTH, help="numbers of pairs for memory and growth")
    parser.add_argument("--epoch-of", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _config() -> TrainingConfig:
    return replace(default(), batch_size=BATCH)


def _speed_rows(options: argparse.Namespace) -> list[Row]:
    """As many pairs to a person and to a startup as in the million over 100,000 and 50,000."""
    data = synthetic_platform(users=options.pairs // 10, startups=options.pairs // 20, pairs=options.pairs, seed=SEED)
    pairs = len(data.interactions)
    epochs, flops = _contestants(data)
    rounds = [_round(epochs) for _ in range(options.rounds)]
    rates = {name: [pairs / one.seconds[name] for one in rounds] for name in epochs}
    fractions = [flops / one.seconds[OURS] / one.sgemm for one in rounds]
    best = [max(one.seconds[OURS] ** -1, 0) * min(one.seconds[RECHUB], one.seconds[DATALOADER]) for one in rounds]
    sgemm = [one.sgemm / 1e9 for one in rounds]
    return [
        Row(name="train/threads", value=torch.get_num_threads(), unit=""),
        Row(name="train/sgemm", value=_median(sgemm), unit="GFLOP/s", interval=_range(sgemm)),
        Row(name="train/flops_per_pair", value=round(flops / pairs / 1e6, 4), unit="MFLOP"),
        *(
            Row(
                name="train/pairs_per_s" if name == OURS else f"train/{name}/pairs_per_s",
                value=_median(rates[name]),
                unit="pairs/s",
                interval=_range(rates[name]),
                against=None if name == OURS else OURS,
                ratio=None if name == OURS else _median([a / b for a, b in zip(rates[name], rates[OURS], strict=True)]),
            )
            for name in epochs
        ),
        Row(
            name="train/sgemm_fraction", value=_median(fractions), unit="", interval=_range(fractions), against="sgemm"
        ),
        Row(name="train/over_best_peer", value=_median(best), unit="times", interval=_range(best), against="best peer"),
    ]


def _contestants(data: TrainingData) -> tuple[dict[str, Callable[[], object]], float]:
    """An epoch of each, warmed up, and the FLOPs that one of ours executes."""
    from training_peers import dataloader_epoch, rechub_epoch

    config = _config()
    training = ProfileTraining(config, data, torch.device("cpu"))
    features = training.inputs.users, training.inputs.startups
    pairs = _tensors(data)
    counted = iter(range(10**6))

    def ours() -> float:
        return training.fitter.run_epoch(next(counted) % config.epochs)

    with FlopCounterMode(display=False) as counter:
        ours()
    epochs: dict[str, Callable[[], object]] = {
        OURS: ours,
        RECHUB: rechub_epoch(config, *features, pairs),
        DATALOADER: dataloader_epoch(config, *features, pairs),
    }
    return epochs, float(counter.get_total_flops())


def _tensors(data: TrainingData) -> dict[str, Tensor]:
    rows = data.interactions
    return {
        "user": torch.from_numpy(rows.user.astype("int64")),
        "startup": torch.from_numpy(rows.startup.astype("int64")),
        "label": torch.from_numpy(rows.label),
        "weight": torch.from_numpy(rows.weight),
    }


def _round(epochs: Mapping[str, Callable[[], object]]) -> Round:
    """Ours stands between two measurements of the limit, so that both see the same machine."""
    before = _sgemm_rate()
    seconds = {OURS: _timed(epochs[OURS])}
    after = _sgemm_rate()
    seconds |= {name: _timed(epoch) for name, epoch in epochs.items() if name != OURS}
    return Round(seconds=seconds, sgemm=(before + after) / 2)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _sgemm_rate(seconds: float = 0.5) -> float:
    """FLOP/s of a large float32 matrix product with all of torch's threads, over about half a second."""
    left, right = torch.randn(SGEMM_SIZE, SGEMM_SIZE), torch.randn(SGEMM_SIZE, SGEMM_SIZE)
    torch.mm(left, right)
    started, products = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        torch.mm(left, right)
        products += 1
    return 2 * SGEMM_SIZE**3 * products / (time.perf_counter() - started)


def _growth_rows(options: argparse.Namespace) -> list[Row]:
    """An epoch in a process of its own for each number of pairs, with the time per pair beside the smallest one's."""
    rows: list[Row] = []
    found = {pairs: _in_a_process(pairs) for pairs in options.growth}
    for pairs, measured in found.items():
        smallest = options.growth[0]
        growth = (measured["seconds"] / pairs) / (found[smallest]["seconds"] / smallest)
        share = measured["peak_gib"] / MEMORY_LIMIT_GIB if pairs == LIMITED_PAIRS else None
        rows += [
            Row(
                name=f"train/epoch_s@{_short(pairs)}",
                value=round(measured["seconds"], 2),
                unit="s",
                against=f"time per pair at {_short(smallest)}",
                ratio=round(growth, 3),
            ),
            Row(
                name=f"train/peak_gib_{_short(pairs)}",
                value=round(measured["peak_gib"], 3),
                unit="GiB",
                against=None if share is None else "limit",
                ratio=None if share is None else round(share, 3),
            ),
        ]
    return rows


def _in_a_process(pairs: int) -> dict[str, float]:
    finished = subprocess.run(
        [sys.executable, __file__, "--epoch-of", str(pairs)], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    print(f"{pairs:,} pairs: {found['seconds']:.1f} s an epoch, {found['peak_gib']:.2f} GiB", flush=True)
    return found


def _one_epoch(pairs: int) -> dict[str, float]:
    """Records, features and one epoch, in this process; the peak is that of everything."""
    data = synthetic_platform(users=USERS, startups=STARTUPS, pairs=pairs, seed=SEED)
    training = ProfileTraining(_config(), data, torch.device("cpu"))
    seconds = _timed(lambda: training.fitter.run_epoch(0))
    return {"seconds": seconds, "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def _short(pairs: int) -> str:
    return f"{pairs // 10**6}m" if pairs >= 10**6 else f"{pairs // 1000}k"


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 4)


def _range(values: list[float]) -> tuple[float, float]:
    """The smallest and largest of all rounds."""
    return round(min(values), 4), round(max(values), 4)


if __name__ == "__main__":
    main()
