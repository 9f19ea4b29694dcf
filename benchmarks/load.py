"""A load generator in a process of its own: many connections, raw sockets, every answer checked.

    python benchmarks/load.py < plan.json > outcome.json

Closed loop (no `rate`): each connection asks again as soon as it has its answer, which finds the most requests per
second. Open loop (`rate`): requests begin at times drawn from a Poisson process, whether or not earlier ones were
answered, and a request that had to wait for a free connection counts its waiting: what a member feels.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

HEADER_END = b"\r\n\r\n"
MEASURE = Path(__file__).resolve()


@dataclass(frozen=True, kw_only=True)
class LoadPlan:
    """What to ask, how hard and how long.

    Attributes:
        port: On the loopback address.
        paths: Asked in turn, in an order drawn from `seed`.
        headers: Sent with every request.
        expect: Each answer must hold this text; a path may name its own after a tab.
        connections: Open at the same time.
        seconds: How long requests are begun.
        rate: Requests per second of the open loop; None for the closed loop.
        once: Ask each path once, however long it takes, in a closed loop.
        seed: Of the order and of the arrival times.
    """

    port: int
    paths: Sequence[str]
    headers: dict[str, str] = field(default_factory=dict)
    expect: str = ""
    connections: int = 16
    seconds: float = 10.0
    rate: float | None = None
    once: bool = False
    seed: int = 7


@dataclass(frozen=True, kw_only=True)
class LoadOutcome:
    """What came back.

    Attributes:
        answered: Answers with status 200 and the expected text.
        otherwise: How often something else came, by what it was: another status, another person's list, no answer.
        seconds: From the first request to the last answer.
        milliseconds: Of each right answer, sorted.
    """

    answered: int
    otherwise: Mapping[str, int]
    seconds: float
    milliseconds: Sequence[float]

    @property
    def wrong(self) -> int:
        """How many requests were not answered as expected."""
        return sum(self.otherwise.values())

    @property
    def per_second(self) -> float:
        """Right answers per second."""
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the right answers stayed within."""
        return self.milliseconds[min(int(share * len(self.milliseconds)), len(self.milliseconds) - 1)]


def run_load(plan: LoadPlan) -> LoadOutcome:
    """Run a plan in a process of its own, so that asking and answering share no interpreter.

    Raises:
        SystemExit: If nothing was answered.
    """
    finished = subprocess.run(
        [sys.executable, str(MEASURE)], input=json.dumps(asdict(plan)), capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise SystemExit(f"the load generator failed: {finished.stderr}")
    outcome = LoadOutcome(**json.loads(finished.stdout))
    if not outcome.answered:
        raise SystemExit(f"none of {outcome.wrong} requests was answered as expected: {outcome.otherwise}")
    return outcome


class _Load:
    def __init__(self, plan: LoadPlan) -> None:
        self._plan = plan
        self._random = random.Random(plan.seed)  # noqa: S311 - a benchmark's choice
        self._requests = [_request(path, plan.headers) for path in plan.paths]
        self._begins: asyncio.Queue[float | None] = asyncio.Queue()
        self.milliseconds: list[float] = []
        self.otherwise: Counter[str] = Counter()

    async def run(self) -> float:
        """Seconds until the last answer."""
        started = time.perf_counter()
        workers = [asyncio.create_task(self._connection()) for _ in range(self._plan.connections)]
        if self._plan.once:
            self._each()
        elif self._plan.rate is None:
            await self._closed(started)
        else:
            await self._open(self._plan.rate)
        for _ in workers:
            self._begins.put_nowait(None)
        await asyncio.gather(*workers)
        return time.perf_counter() - started

    def _each(self) -> None:
        """As many as there are, taken in turn from an order of their own."""
        self._random.shuffle(self._requests)
        for _ in self._requests:
            self._begins.put_nowait(0.0)

    async def _closed(self, started: float) -> None:
        """Keep exactly one request waiting per connection."""
        while time.perf_counter() - started < self._plan.seconds:
            while self._begins.qsize() < self._plan.connections:
                self._begins.put_nowait(0.0)
            await asyncio.sleep(0.002)
        while not self._begins.empty():
            self._begins.get_nowait()

    async def _open(self, rate: float) -> None:
        begin = time.perf_counter()
        end = begin + self._plan.seconds
        while begin < end:
            begin += self._random.expovariate(rate)
            await asyncio.sleep(max(0.0, begin - time.perf_counter()))
            self._begins.put_nowait(begin)

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._plan.port)
        while (due := await self._begins.get()) is not None:
            begin = due or time.perf_counter()
            expected, request = self._requests.pop() if self._plan.once else self._random.choice(self._requests)
            try:
                writer.write(request)
                came_instead = await _answer(reader, (expected or self._plan.expect).encode())
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                self.otherwise[f"no answer ({type(error).__name__})"] += 1
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", self._plan.port)
                continue
            if came_instead is None:
                self.milliseconds.append((time.perf_counter() - begin) * 1000)
            else:
                self.otherwise[came_instead] += 1
        writer.close()


def _request(path: str, headers: dict[str, str]) -> tuple[str, bytes]:
    """What the answer must hold, and the bytes that ask for it."""
    address, _, expected = path.partition("\t")
    lines = [f"GET {address} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return expected, ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _answer(reader: asyncio.StreamReader, expected: bytes) -> str | None:
    """What came in place of an answer that holds what was expected; None where it does."""
    head = await reader.readuntil(HEADER_END)
    status, _, fields = head.partition(b"\r\n")
    sizes = [line.split(b":")[1] for line in fields.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    body = await reader.readexactly(int(sizes[0]))
    code = status.split()[1].decode()
    if code != "200":
        return f"status {code}"
    return None if expected in body else "another answer than expected"


def main() -> None:
    """Read a plan, run it, write the outcome."""
    load = _Load(LoadPlan(**json.load(sys.stdin)))
    seconds = asyncio.run(load.run())
    outcome = LoadOutcome(
        answered=len(load.milliseconds),
        otherwise=dict(load.otherwise),
        seconds=seconds,
        milliseconds=sorted(load.milliseconds),
    )
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
