"""How fast pages are while 20 members use them at the same time, beside a bare Django page under the same server.

    make bench-pages
    make bench-pages BENCH_ARGS="--seconds 20 --startups 2000"

The platform runs as in production, with its recommendation service, over a simulated platform of 20,000 startups. Each
member logs in, and then looks at the feed, likes, opens a startup, looks at the activity, with pauses of a second
between. Server times are what the platform logs of each answer. What was measured of the platform is written before the
bare page is measured, so that a run that is cut short there lacks the comparison only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pages_members import MembersOutcome, MembersPlan, run_members
from pages_servers import KEYS, PageServer, bare_page, platform_pages, production
from result import Row, write_result
from serving_platform import BACKEND, PlatformSize, ServedPlatform, make_platform
from serving_processes import service

SEED = 7
PASSWORD = "a benchmark's password"  # noqa: S105 - of a simulated platform
WORK = Path(__file__).resolve().parents[1] / "var" / "bench-serving"
SHARES = (50, 95, 99)
BARE_SHARE = 0.25
"""The bare page is asked for four times as often as each page of the platform is."""
SET_PASSWORDS = """
from accounts.models import User
from django.contrib.auth.hashers import make_password
import json
people = User.objects.filter(is_active=True, is_staff=False).order_by("id")[:{count}]
password = make_password({password!r})
User.objects.filter(pk__in=[person.pk for person in people]).update(password=password)
print(json.dumps([person.email for person in people]))
"""


def main() -> None:
    """Measure and write `results/pages.json`."""
    options = _options()
    size = PlatformSize(startups=options.startups)
    made = make_platform(options.work / f"startups_{options.startups}", size)
    _manage(made, "migrate")  # what was made for an earlier run may lack a migration
    emails = _members(made, options.members)
    with service({**made.environment, "SERVICE_KEYS": KEYS, "REQUESTS_PER_SECOND": "1000"}, workers=1) as answering:
        environment = production(made.environment, service_port=answering.port)
        with platform_pages(environment, made.folder / "platform.log") as pages:
            plan = MembersPlan(port=pages.port, emails=emails, password=PASSWORD, seconds=options.seconds, seed=SEED)
            outcome = run_members(plan)
            rows = _rows(pages, outcome)
    write_result("pages", rows=rows, data=None, seed=SEED)
    page = b"x" * round(_mean(outcome.bytes["feed"]))
    with bare_page(page, made.folder / "bare", made.folder / "bare.log") as bare:
        bare_plan = replace(plan, port=bare.port, bare=True, seconds=options.seconds * BARE_SHARE)
        limits = _rows(bare, run_members(bare_plan))
    print(f"written to {write_result('pages', rows=_beside(rows, limits), data=None, seed=SEED)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120.0, help="of use (default: 120)")
    parser.add_argument("--members", type=int, default=20, help="at the same time (default: 20)")
    parser.add_argument("--startups", type=int, default=20_000, help="of the platform (default: 20000)")
    parser.add_argument("--work", type=Path, default=WORK, help="where platforms are made (default: %(default)s)")
    return parser.parse_args()


def _members(made: ServedPlatform, count: int) -> list[str]:
    """Give members a password and return their addresses."""
    program = SET_PASSWORDS.format(count=count, password=PASSWORD)
    emails: list[str] = json.loads(_manage(made, "shell", "--command", program).strip().splitlines()[-1])
    return emails


def _manage(made: ServedPlatform, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments, "--verbosity", "0"]
    done = subprocess.run(command, cwd=BACKEND, env=made.environment, check=True, capture_output=True, text=True)
    return done.stdout


def _rows(pages: PageServer, outcome: MembersOutcome) -> list[Row]:
    rows = []
    for kind, server in sorted(pages.server_milliseconds().items()):
        if kind not in outcome.milliseconds:
            continue
        rows += _percentiles(f"pages/{kind}/server", server)
        rows += _percentiles(f"pages/{kind}/seen", outcome.milliseconds[kind])
        kib = round(_mean(outcome.bytes[kind]) / 1024, 1)
        rows.append(Row(name=f"pages/{kind}/kib", value=kib, unit="KiB"))
        rows.append(Row(name=f"pages/{kind}/answers", value=len(outcome.milliseconds[kind]), unit=""))
    return rows


def _percentiles(name: str, milliseconds: Sequence[float]) -> list[Row]:
    ordered = sorted(milliseconds)
    places = {share: min(len(ordered) * share // 100, len(ordered) - 1) for share in SHARES}
    return [Row(name=f"{name}_p{share}_ms", value=round(ordered[at], 2), unit="ms") for share, at in places.items()]


def _beside(rows: Sequence[Row], limits: Sequence[Row]) -> list[Row]:
    """Each figure beside the same one of the bare page, which is part of the result."""
    bare: Mapping[str, float] = {row.name.replace("pages/bare/", ""): row.value for row in limits}
    compared = []
    for row in rows:
        limit = bare.get(row.name.split("/", 2)[2])
        against = None if limit is None or row.unit != "ms" else "pages/bare"
        ratio = round(row.value / limit, 2) if against and limit else None
        compared.append(Row(name=row.name, value=row.value, unit=row.unit, against=against, ratio=ratio))
    return [*compared, *limits]


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
