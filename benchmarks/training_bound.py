"""Our training of the default towers between two measurements of its bound, the machine's sgemm rate.

Run as a program it measures in a process of its own, with the instruction set as the environment holds it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import torch
from torch.utils.flop_counter import FlopCounterMode
from training_data import synthetic_platform

from recommendation_service.engines.profile_training import ProfileTraining
from recommendation_service.engines.training_config import TrainingConfig, default
from recommendation_service.engines.types import TrainingData

SEED = 7
BATCH = 1024
SGEMM_SIZE = 2048
AVX2 = {"MKL_ENABLE_INSTRUCTIONS": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
"""What makes a wider Intel machine compute as one without AVX-512 does; others ignore it."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One epoch of ours.

    Attributes:
        seconds: It took.
        flops: It executed, as torch counts them.
        sgemm: FLOP/s of a large matrix product, the mean of before and after.
    """

    seconds: float
    flops: float
    sgemm: float

    @property
    def fraction(self) -> float:
        """Share of the bound."""
        return self.flops / self.seconds / self.sgemm


class OurTraining:
    """Epochs of the default towers, warmed up."""

    def __init__(self, data: TrainingData) -> None:
        self.config = towers()
        self.training = ProfileTraining(self.config, data, torch.device("cpu"))
        self._epoch = 0
        self._flops = self._counted()

    def measure(self) -> Measured:
        """Train for one epoch; the bound is measured around it, so that both see the same machine."""
        before = sgemm_rate()
        seconds = timed(self._train)
        return Measured(seconds=seconds, flops=self._flops, sgemm=(before + sgemm_rate()) / 2)

    def _train(self) -> None:
        self.training.fitter.run_epoch(self._epoch % self.config.epochs)
        self._epoch += 1

    def _counted(self) -> float:
        """On one thread, as torch counts what the calling thread executes."""
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        with FlopCounterMode(display=False) as counter:
            self._train()
        torch.set_num_threads(threads)
        return float(counter.get_total_flops())


def towers() -> TrainingConfig:
    """The specified towers at the batch size of the comparison."""
    return replace(default(), batch_size=BATCH)


def platform_of(pairs: int) -> TrainingData:
    """As many pairs to a person and to a startup as in the million over 100,000 and 50,000."""
    return synthetic_platform(users=pairs // 10, startups=pairs // 20, pairs=pairs, seed=SEED)


def sgemm_rate(seconds: float = 0.5) -> float:
    """FLOP/s of a large float32 matrix product with all of torch's threads, over about half a second."""
    left, right = torch.randn(SGEMM_SIZE, SGEMM_SIZE), torch.randn(SGEMM_SIZE, SGEMM_SIZE)
    torch.mm(left, right)
    started, products = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        torch.mm(left, right)
        products += 1
    return 2 * SGEMM_SIZE**3 * products / (time.perf_counter() - started)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def held_to_avx2(*, pairs: int, rounds: int) -> list[Measured]:
    """The same in a process that may not use wider instructions: the kind of machine that many trainings run on."""
    finished = subprocess.run(
        [sys.executable, __file__, str(pairs), str(rounds)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **AVX2},
    )
    return [Measured(**one) for one in json.loads(finished.stdout.splitlines()[-1])]


def main() -> None:
    """Print what some rounds measured."""
    pairs, rounds = (int(number) for number in sys.argv[1:])
    ours = OurTraining(platform_of(pairs))
    print(json.dumps([asdict(ours.measure()) for _ in range(rounds)]))


if __name__ == "__main__":
    main()
