"""How fast the specified towers train, beside the machine's limit and beside others; memory and growth.

    make bench-training

Speed: one epoch after another of our training, a public library's and the usual DataLoader loop, on the same towers
(preset `default`), features and pairs, batch 1,024, with the machine's sgemm rate measured between them; ratios are
taken round by round and the median counts. Threads wait as torch's do by default, which suits the peers best where
nothing else runs; beside other work set OMP_WAIT_POLICY=PASSIVE, or they take many times as long. FLOPs are those that
were really executed, as torch counts them. The share of the limit is measured once more with the instruction set held
to AVX2, on a machine that has more: the faster products are, the more everything else weighs. Memory and growth: a
fresh process trains one epoch on each number of pairs.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from result import Row, write_result
from torch import Tensor
from training_bound import SEED, Measured, OurTraining, held_to_avx2, platform_of, timed, towers
from training_data import synthetic_platform

from recommendation_service.engines.profile_training import ProfileTraining
from recommendation_service.engines.types import TrainingData

USERS, STARTUPS = 100_000, 50_000
GROWTH = (100_000, 300_000, 1_000_000, 3_000_000)
LIMITED_PAIRS, MEMORY_LIMIT_GIB = 1_000_000, 4.0
OURS, RECHUB, DATALOADER = "launchmatch", "rechub_dssm", "dataloader"


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one round measured: ours, and the seconds of an epoch of each peer."""

    ours: Measured
    peers: Mapping[str, float]

    def times_as_fast(self, peer: str) -> float:
        """As ours, this peer is."""
        return self.ours.seconds / self.peers[peer]


def main() -> None:
    """Measure everything and write `results/training.json`."""
    options = _options()
    if options.epoch_of is not None:
        print(json.dumps(_one_epoch(options.epoch_of)))
        return
    rows = [*_speed_rows(options), *_avx2_rows(options), *_growth_rows(options)]
    print(f"written to {write_result('training', rows=rows, data=None, seed=SEED)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="of each contestant (default: 3)")
    parser.add_argument("--pairs", type=int, default=200_000, help="of an epoch of the comparison (default: 200,000)")
    parser.add_argument("--growth", type=int, nargs="*", default=GROWTH, help="numbers of pairs for memory and growth")
    parser.add_argument("--epoch-of", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _speed_rows(options: argparse.Namespace) -> list[Row]:
    data = platform_of(options.pairs)
    ours = OurTraining(data)
    peers = _peers(ours, data)
    rounds = [_round(ours, peers) for _ in range(options.rounds)]
    pairs, flops = len(data.interactions), rounds[0].ours.flops
    best = [1 / max(one.times_as_fast(peer) for peer in peers) for one in rounds]
    return [
        Row(name="train/threads", value=torch.get_num_threads(), unit=""),
        Row(name="train/flops_per_pair", value=round(flops / pairs / 1e6, 4), unit="MFLOP"),
        *_bound_rows("train", [one.ours for one in rounds], pairs),
        *(_peer_row(peer, rounds, pairs) for peer in peers),
        _row("train/over_best_peer", best, "times", against="best peer"),
    ]


def _avx2_rows(options: argparse.Namespace) -> list[Row]:
    pairs = len(platform_of(options.pairs).interactions)
    return _bound_rows("train/avx2", held_to_avx2(pairs=options.pairs, rounds=options.rounds), pairs)


def _bound_rows(name: str, measured: Sequence[Measured], pairs: int) -> list[Row]:
    return [
        _row(f"{name}/sgemm", [one.sgemm / 1e9 for one in measured], "GFLOP/s"),
        _row(f"{name}/pairs_per_s", [pairs / one.seconds for one in measured], "pairs/s"),
        _row(f"{name}/sgemm_fraction", [one.fraction for one in measured], "", against="sgemm"),
    ]


def _peer_row(peer: str, rounds: Sequence[Round], pairs: int) -> Row:
    return _row(
        f"train/{peer}/pairs_per_s",
        [pairs / one.peers[peer] for one in rounds],
        "pairs/s",
        against=OURS,
        ratio=_median([one.times_as_fast(peer) for one in rounds]),
    )


def _peers(ours: OurTraining, data: TrainingData) -> dict[str, Callable[[], object]]:
    from training_peers import dataloader_epoch, rechub_epoch

    features = ours.training.inputs.users, ours.training.inputs.startups
    pairs = _tensors(data)
    return {
        RECHUB: rechub_epoch(ours.config, *features, pairs),
        DATALOADER: dataloader_epoch(ours.config, *features, pairs),
    }


def _tensors(data: TrainingData) -> dict[str, Tensor]:
    rows = data.interactions
    return {
        "user": torch.from_numpy(rows.user.astype("int64")),
        "startup": torch.from_numpy(rows.startup.astype("int64")),
        "label": torch.from_numpy(rows.label),
        "weight": torch.from_numpy(rows.weight),
    }


def _round(ours: OurTraining, peers: Mapping[str, Callable[[], object]]) -> Round:
    return Round(ours=ours.measure(), peers={name: timed(epoch) for name, epoch in peers.items()})


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
    training = ProfileTraining(towers(), data, torch.device("cpu"))
    seconds = timed(lambda: training.fitter.run_epoch(0))
    return {"seconds": seconds, "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def _short(pairs: int) -> str:
    return f"{pairs // 10**6}m" if pairs >= 10**6 else f"{pairs // 1000}k"


def _row(name: str, values: list[float], unit: str, *, against: str | None = None, ratio: float | None = None) -> Row:
    """The median of all rounds, with the smallest and the largest."""
    interval = round(min(values), 4), round(max(values), 4)
    return Row(name=name, value=_median(values), unit=unit, interval=interval, against=against, ratio=ratio)


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 4)


if __name__ == "__main__":
    main()
