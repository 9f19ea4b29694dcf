"""The service over HTTP: requests per second beside a bare Flask application, latency, swaps, batches, freshness.

Both servers run under granian with the same workers and threads, are asked by the same load generator on the same
machine, and take turns. Every request of the service asks the database about its person; nothing is asked of the bare
application but to return a body of the same bytes.

Members come back: `RETURNING` of them ask again and again, and whoever did nothing since moments ago is not ranked
again. The rows named fresh ask a new question with every request, so that everything is ranked, explained and written.
"""

from __future__ import annotations

import http.client
import json
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from uuid import UUID

from load import LoadOutcome, LoadPlan, run_load
from result import Row
from serving_platform import PlatformSize, ServedPlatform, make_platform, train_another
from serving_processes import Server, bare_flask, service, token

from contracts.access import Scope
from contracts.api import MAX_BATCH_USERS

CONNECTIONS = 16
LIMIT = 20
RETURNING = 300
NEW_QUESTIONS = 20_000
BARE = "a Flask application returning the same JSON from memory, same server, same run"


@dataclass(frozen=True, kw_only=True)
class HttpEffort:
    """How much is measured."""

    startups: int = 20_000
    large: int = 100_000
    rounds: int = 3
    seconds: float = 10.0


def measure_http(work: Path, effort: HttpEffort) -> list[Row]:
    """All rows of this half of the benchmark; platforms are made in `work` and used again."""
    platform = make_platform(work / f"startups_{effort.startups}", PlatformSize(startups=effort.startups))
    batch = _batch(platform, effort.rounds)
    with service(platform.environment) as served:
        rows = [
            *_throughput(platform, served, effort, work),
            *batch,
            *_freshness(platform, served),
            *_swap(platform, served),
        ]
    large = make_platform(
        work / f"startups_{effort.large}", PlatformSize(startups=effort.large, users=200, days=30, training=_QUICK)
    )
    return [*rows, *_memory_and_start(large)]


_SWAPS = 6
_ANSWERS_IN_A_ROW = 16
_ANSWERS_BY_BOTH = 100
"""So many answers of one version on end come from both workers."""
_QUICK = ("--preset", "history", "--epochs", "1")


def _throughput(platform: ServedPlatform, served: Server, effort: HttpEffort, work: Path) -> list[Row]:
    paths = [_path(person) for person in platform.people()[:RETURNING]]
    body = work / "answer.json"
    body.write_bytes(_get(served, paths[0].partition("\t")[0]))
    plan = _plan(served, paths, effort.seconds)
    questions = _plan(served, _new_questions(platform.people()), effort.seconds)
    ours, fresh, bare, tails, bare_tails = [], [], [], [], []
    run_load(plan(seed=effort.rounds))  # both workers meet who will come back
    with bare_flask(body) as limit:
        alone = LoadPlan(port=limit.port, paths=["/answer"], seconds=effort.seconds)
        for number in range(effort.rounds):
            bare.append(run_load(replace(alone, seed=number)))
            ours.append(run_load(plan(seed=number)))
            fresh.append(run_load(questions(seed=number)))
            tails.append(run_load(plan(seed=number, rate=ours[-1].per_second / 2)))
            half = bare[-1].per_second / 2
            bare_tails.append(run_load(replace(alone, connections=4 * CONNECTIONS, rate=half, seed=number)))
    all_loads = [*ours, *fresh, *tails]
    otherwise = sum((Counter(load.otherwise) for load in all_loads), Counter())
    asked = otherwise.total() + sum(load.answered for load in all_loads)
    told = ", ".join(f"{count} {what}" for what, count in otherwise.items()) or "nothing else came"
    limits = [outcome.per_second for outcome in bare]
    return [
        *_beside_bare("", f"{RETURNING} members who come back", ours, limits),
        *_beside_bare("_fresh", "a new question each", fresh, limits),
        Row(name="http/not_as_expected", value=otherwise.total(), unit=f"of {asked:,} requests: {told}"),
        _row("http/bare_flask_requests_per_s", limits, "requests/s"),
        _row("http/p50_ms", [outcome.percentile(0.5) for outcome in tails], "ms at half of the most requests/s"),
        _row("http/p99_ms", [outcome.percentile(0.99) for outcome in tails], "ms at half of the most requests/s"),
        _row(
            "http/bare_flask_p99_ms",
            [outcome.percentile(0.99) for outcome in bare_tails],
            "ms at half of the bare application's most requests/s: what machine and load generator add to any",
        ),
    ]


def _beside_bare(suffix: str, who: str, outcomes: Sequence[LoadOutcome], limits: Sequence[float]) -> list[Row]:
    per_second = [outcome.per_second for outcome in outcomes]
    shares = [mine / most for mine, most in zip(per_second, limits, strict=True)]
    unit = f"requests/s, {who}, {CONNECTIONS} connections"
    share = f"share of the bare application's requests/s, {who}"
    return [
        _row(f"http/requests_per_s{suffix}", per_second, unit, against=BARE, ratio=statistics.median(shares)),
        _row(f"http/over_bare_flask{suffix}", shares, share, against=BARE),
    ]


def _batch(platform: ServedPlatform, rounds: int) -> list[Row]:
    """Lists of members whom nobody asked about before, one by one and all at once; neither asks for reasons.

    Each round starts the service anew, so that no list of anybody is remembered when they are asked about. It has read
    its members by then, as it does within seconds of a start.
    """
    people = platform.people()[:MAX_BATCH_USERS]
    half = len(people) // 2
    alone, together, batch = [], [], []
    for number in range(rounds):
        with _warm_service(platform) as served:
            alone.append(_each_once(served, people[:half], connections=1, seed=number))
            together.append(_each_once(served, people[half:], connections=CONNECTIONS, seed=number))
        with _warm_service(platform) as served:
            started = time.perf_counter()
            body = _batch_of(served, people)
            batch.append(len(people) / (time.perf_counter() - started))
            lines = [json.loads(line) for line in body.splitlines()]
            if len(lines) != len(people) or any(line["recommendations"] is None for line in lines):
                raise SystemExit("the batch did not answer for everybody")
    one = "one client that asks for one list after another, for the first time"
    many = f"{CONNECTIONS} connections that do so, both workers"
    return [
        _row("batch/lists_per_s", batch, f"lists/s of {len(people)} members in one request, one worker, no reasons"),
        _row("batch/single_lists_per_s", alone, f"lists/s, {one}"),
        _row("batch/over_single", _ratios(batch, alone), "times single requests", against=one),
        _row("batch/over_connections", _ratios(batch, together), "times single requests", against=many),
    ]


@contextmanager
def _warm_service(platform: ServedPlatform) -> Iterator[Server]:
    """A service both workers of which have read everybody and answered, but nothing for `platform.people()`."""
    known = set(platform.people())
    others = [person for person in platform.people(1) if person not in known]
    with service(platform.environment) as served:
        for person in others:
            _get(served, _path(person, explain=False).partition("\t")[0])
            _batch_of(served, others[:5])
        _until_members_are_read(platform, served)
        yield served


def _until_members_are_read(platform: ServedPlatform, served: Server) -> None:
    with closing(sqlite3.connect(platform.folder / "launchmatch.sqlite3")) as database:
        (startup,) = database.execute("SELECT id FROM startups_startup WHERE status = 'active' LIMIT 1").fetchone()
    in_a_row, started = 0, time.perf_counter()
    while in_a_row < _ANSWERS_IN_A_ROW:
        is_read = _status(served, f"/v1/startups/{UUID(startup)}/people") == http.client.OK
        in_a_row = in_a_row + 1 if is_read else 0
        if time.perf_counter() - started > 60:
            raise SystemExit("the service did not read its members within a minute")


def _each_once(served: Server, people: Sequence[UUID], *, connections: int, seed: int) -> float:
    """Lists per second."""
    paths = [_path(person, explain=False) for person in people]
    headers = {"Authorization": f"Bearer {token(Scope.PLATFORM)}"}
    plan = LoadPlan(port=served.port, paths=paths, headers=headers, connections=connections, once=True, seed=seed)
    outcome = run_load(plan)
    if outcome.wrong:
        raise SystemExit(f"{outcome.wrong} of {len(paths)} requests were not answered as expected: {outcome.otherwise}")
    return outcome.per_second


def _batch_of(served: Server, people: Sequence[UUID]) -> bytes:
    """Their lines."""
    body = json.dumps({"user_ids": [str(person) for person in people], "limit": LIMIT, "explain": False})
    return _request(served, "POST", "/v1/batch/recommendations", body)


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def _freshness(platform: ServedPlatform, served: Server) -> list[Row]:
    """Seconds until what the database says is what the service shows, without any hint."""
    hidden, shown = [], []
    with closing(sqlite3.connect(platform.folder / "launchmatch.sqlite3", timeout=30)) as database:
        newest = "SELECT id FROM startups_startup WHERE status = 'active' ORDER BY opened_at DESC LIMIT 5"
        for (startup,) in database.execute(newest).fetchall():
            path = f"/v1/startups/{UUID(startup)}/similar?limit=1"
            hidden.append(_until(database, startup, "hidden", served, path, http.client.NOT_FOUND))
            shown.append(_until(database, startup, "active", served, path, http.client.OK))
    return [
        _row("freshness/hidden_s", hidden, "s until a hidden startup is gone from both workers"),
        _row("freshness/shown_s", shown, "s until a startup is encoded and retrievable from both workers"),
    ]


def _until(database: sqlite3.Connection, startup: str, status: str, served: Server, path: str, wanted: int) -> float:
    closed = "NULL" if status == "active" else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    database.execute(
        f"UPDATE startups_startup SET status = ?, closed_at = {closed}, "  # noqa: S608 - two constants
        "updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE id = ?",
        (status, startup),
    )
    database.commit()
    started, in_a_row = time.perf_counter(), 0
    while in_a_row < _ANSWERS_IN_A_ROW and time.perf_counter() - started < 60:
        in_a_row = in_a_row + 1 if _status(served, path) == wanted else 0
        last = time.perf_counter()
    if in_a_row < _ANSWERS_IN_A_ROW:
        raise SystemExit(f"startup {startup} did not become {status} within a minute")
    return last - started


def _swap(platform: ServedPlatform, served: Server) -> list[Row]:
    """One client asks on while versions are activated by turns; the rest of the load stands still."""
    people = [_path(person).partition("\t")[0] for person in platform.people()]
    first = _timed(served, people[0])[1]
    steady = [_timed(served, people[place % len(people)])[0] for place in range(400)]
    other = train_another(platform)
    after = [_first_answer(served, people, version) for version in (other, first) * (_SWAPS // 2)]
    p99 = statistics.quantiles(steady, n=100)[-1]
    ratio = statistics.median(after) / p99
    unit = f"ms of the first answer by another version, {_SWAPS} swaps"
    return [
        _row("swap/first_answer_ms", after, unit, against="p99 of one client before the swaps", ratio=ratio),
        Row(name="swap/steady_p99_ms", value=round(p99, 2), unit="ms of one client before the swaps"),
    ]


def _first_answer(served: Server, people: Sequence[str], version: str | None) -> float:
    """Milliseconds of the first answer by a version that is activated now; returns once both workers have it."""
    body = json.dumps({"reason": "benchmark"})
    activation = Thread(target=_request, args=(served, "POST", f"/v1/models/{version}/activate", body, Scope.OPERATOR))
    activation.start()
    after: list[float] = []
    in_a_row, place, started = 0, 0, time.perf_counter()
    while in_a_row < _ANSWERS_BY_BOTH and time.perf_counter() - started < 60:
        milliseconds, answered_by = _timed(served, people[place % len(people)])
        place += 1
        in_a_row = in_a_row + 1 if answered_by == version else 0
        if in_a_row:
            after.append(milliseconds)
    activation.join()
    if in_a_row < _ANSWERS_BY_BOTH:
        raise SystemExit(f"{version} did not begin to serve within a minute")
    return after[0]


def _memory_and_start(platform: ServedPlatform) -> list[Row]:
    starts, resident, proportional = [], [], []
    for _ in range(3):
        with service(platform.environment) as served:
            starts.append(served.ready_seconds)
            for person in platform.people(1)[:50]:
                _get(served, _path(person).partition("\t")[0])
            workers = served.memory_mib()
            resident.append(max(rss for rss, _ in workers))
            proportional.append(max(pss for _, pss in workers))
    return [
        _row("start/ready_s_100k", starts, "s from start to ready, two workers, 100,000 startups"),
        _row("memory/worker_rss_mib_100k", resident, "MiB resident, the larger worker, shared pages counted whole"),
        _row("memory/worker_pss_mib_100k", proportional, "MiB, the larger worker, shared pages divided"),
    ]


def _path(person: UUID, *, explain: bool = True) -> str:
    """The address, and after a tab what its answer must hold: the person asked about."""
    return f"/v1/users/{person}/recommendations?limit={LIMIT}&explain={str(explain).lower()}\t{person}"


def _new_questions(people: Sequence[UUID]) -> list[str]:
    """More than are asked while a ranking is remembered: each leaves out a startup that nobody else does."""
    asked = (_path(people[place % len(people)]) for place in range(NEW_QUESTIONS))
    return [path.replace("?", f"?exclude={UUID(int=place)}&") for place, path in enumerate(asked)]


def _plan(served: Server, paths: Sequence[str], seconds: float) -> Callable[..., LoadPlan]:
    headers = {"Authorization": f"Bearer {token(Scope.PLATFORM)}"}

    def plan(*, seed: int, rate: float | None = None) -> LoadPlan:
        return LoadPlan(
            port=served.port,
            paths=paths,
            headers=headers,
            connections=CONNECTIONS if rate is None else 4 * CONNECTIONS,
            seconds=seconds,
            rate=rate,
            seed=seed,
        )

    return plan


def _timed(served: Server, path: str) -> tuple[float, str | None]:
    started = time.perf_counter()
    answer = json.loads(_get(served, path))
    return (time.perf_counter() - started) * 1000, answer["model_version"]


def _get(served: Server, path: str) -> bytes:
    return _request(served, "GET", path)


def _request(served: Server, method: str, path: str, body: str | None = None, scope: Scope = Scope.PLATFORM) -> bytes:
    response, content = _exchange(served, method, path, body, scope)
    if response.status != http.client.OK:
        raise SystemExit(f"{method} {path} answered {response.status}: {content[:300]!r}")
    return content


def _status(served: Server, path: str) -> int:
    return _exchange(served, "GET", path, None, Scope.PLATFORM)[0].status


def _exchange(
    served: Server, method: str, path: str, body: str | None, scope: Scope
) -> tuple[http.client.HTTPResponse, bytes]:
    headers = {"Authorization": f"Bearer {token(scope)}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)) as connection:
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        return response, response.read()


def _row(
    name: str, values: Sequence[float], unit: str, *, against: str | None = None, ratio: float | None = None
) -> Row:
    """The median of the rounds between the lowest and the highest."""
    return Row(
        name=name,
        value=round(statistics.median(values), 3),
        unit=unit,
        interval=(round(min(values), 3), round(max(values), 3)),
        against=against,
        ratio=None if ratio is None else round(ratio, 3),
    )
