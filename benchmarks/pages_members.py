"""Members who use the pages at the same time, in a process of their own: log in, look, open, like, look again.

python benchmarks/pages_members.py < plan.json > outcome.json
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

ITSELF = Path(__file__).resolve()
PAUSES_OF_A_ROUND = 4
"""After a feed, an act, a startup and an activity. Members come within their first round, not in the same instant."""
_LINK = re.compile(r'href="(/startups/[0-9a-f-]{36}/[^"]*)"')
_FORM = re.compile(r'<form class="acts[^>]*action="(?P<action>[^"]+)".*?</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True, kw_only=True)
class MembersPlan:
    """Who uses the pages, and for how long.

    Attributes:
        port: Of the platform, on the loopback address.
        emails: One per member.
        password: The same for all.
        bare: Ask for the bare page only, without logging in.
        seconds: How long.
        think_seconds: Mean of the pause after each page, exponentially distributed.
        seed: Of pauses and choices.
    """

    port: int
    emails: Sequence[str]
    password: str = ""
    bare: bool = False
    seconds: float = 120.0
    think_seconds: float = 1.0
    seed: int = 7


@dataclass(kw_only=True)
class MembersOutcome:
    """What they got.

    Attributes:
        milliseconds: By kind of page, from asking to the last byte.
        bytes: By kind of page, without images, uncompressed.
        wrong: Answers that were not pages.
    """

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)


def run_members(plan: MembersPlan) -> MembersOutcome:
    """Run a plan in a process of its own.

    Raises:
        SystemExit: If an answer was not a page.
    """
    done = subprocess.run(
        [sys.executable, str(ITSELF)], input=json.dumps(asdict(plan)), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"the members failed: {done.stderr[-2000:]}")
    outcome = MembersOutcome(**json.loads(done.stdout))
    if outcome.wrong:
        raise SystemExit(f"{len(outcome.wrong)} answers were not pages, e.g. {outcome.wrong[:3]}")
    return outcome


class _Member:
    def __init__(self, plan: MembersPlan, number: int, outcome: MembersOutcome) -> None:
        self._plan, self._outcome = plan, outcome
        self._email = plan.emails[number]
        self._random = random.Random(f"{plan.seed}:{number}")  # noqa: S311 - a benchmark's choice
        self._origin = f"http://127.0.0.1:{plan.port}"
        self._cookies: dict[str, str] = {}
        self._http = httpx.Client(timeout=60)

    def use(self, ready: threading.Barrier) -> None:
        if not self._plan.bare:
            self._log_in()
        ready.wait()
        end = time.monotonic() + self._plan.seconds
        time.sleep(self._random.uniform(0, PAUSES_OF_A_ROUND * self._plan.think_seconds))
        while time.monotonic() < end:
            for step in (self._bare,) if self._plan.bare else (self._feed_and_act, self._startup, self._activity):
                step()
                time.sleep(self._random.expovariate(1 / self._plan.think_seconds))

    def _bare(self) -> None:
        self._ask("bare", "GET", "/bare/")

    def _log_in(self) -> None:
        form = self._ask(None, "GET", "/login/").text
        token = dict(_HIDDEN.findall(form))
        wanted = {**token, "username": self._email, "password": self._plan.password}
        self._ask(None, "POST", "/login/", data=wanted)

    def _feed_and_act(self) -> None:
        """Look at the feed, and like something in it, or take the like back."""
        self._feed = self._ask("feed", "GET", "/").text
        forms = list(_FORM.finditer(self._feed))
        if not forms:
            self._outcome.wrong.append("a feed without a startup")
            return
        form = self._random.choice(forms)
        name = "undo" if 'name="undo" value="like"' in form[0] else "type"
        time.sleep(self._random.expovariate(1 / self._plan.think_seconds))
        self._ask("act", "POST", form["action"], data={**dict(_HIDDEN.findall(form[0])), name: "like"}, htmx=True)

    def _startup(self) -> None:
        links = _LINK.findall(self._feed)
        if links:
            self._ask("startup", "GET", self._random.choice(links).replace("&amp;", "&"))

    def _activity(self) -> None:
        self._ask("activity", "GET", "/activity/")

    def _ask(
        self, kind: str | None, method: str, path: str, *, data: dict[str, str] | None = None, htmx: bool = False
    ) -> httpx.Response:
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": f"10.0.0.{self._random.randrange(1, 255)}"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers |= {"Referer": f"https://127.0.0.1:{self._plan.port}/"} if data else {}
        headers |= {"HX-Request": "true"} if htmx else {}
        started = time.perf_counter()
        answer = self._http.request(method, self._origin + path, data=data, headers=headers)
        milliseconds = (time.perf_counter() - started) * 1000
        self._cookies |= dict(answer.cookies)
        if kind is None:
            return answer
        if answer.status_code != httpx.codes.OK:
            self._outcome.wrong.append(f"{method} {path}: {answer.status_code}")
        self._outcome.milliseconds[kind].append(milliseconds)
        self._outcome.bytes[kind].append(len(answer.content))
        return answer


def main() -> None:
    """Read a plan, run it, write the outcome."""
    plan = MembersPlan(**json.load(sys.stdin))
    outcome = MembersOutcome()
    ready = threading.Barrier(len(plan.emails), timeout=120)
    members = [_Member(plan, number, outcome) for number in range(len(plan.emails))]
    threads = [threading.Thread(target=member.use, args=(ready,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(vars(outcome), sys.stdout)


if __name__ == "__main__":
    main()
