"""What happens during a soak: models are swapped, the catalogue changes, and things break, one after the other."""

from __future__ import annotations

import json
import math
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID, uuid4

from soak_checks import Checker
from soak_clients import Asked, Connection, token
from soak_platform import SoakPlatform

from contracts.access import Scope
from contracts.api import ModelChange, PairScores

PAUSE_SECONDS = 2.0
FAULT_SECONDS = 1.0
SEEN_SECONDS = 30.0


class Events:
    """Everything that is done to the service, in turn; each kind is counted.

    Attributes:
        counts: How often each thing happened.
        seen_seconds: How long each new startup took until it could be scored.
    """

    def __init__(
        self, platform: SoakPlatform, checker: Checker, port: int, pid: int, members: Sequence[UUID], *, seed: int
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.seen_seconds: list[float] = []
        self._platform = platform
        self._checker = checker
        self._pid = pid
        self._members = members
        self._random = random.Random(seed)  # noqa: S311 - what is done, not a secret
        self._connection = Connection(port, Asked())
        self._operator = token(Scope.OPERATOR, uuid4())
        self._versions = sorted(checker.truth.versions)

    def run(self, until: float) -> None:
        """Go round until that moment, swapping models between all else."""
        happenings: list[Callable[[], None]] = [
            self.new_startup, self.hide, self.kill_worker, self.freeze_database, self.show, self.lock_people,
            self.damaged_version, self.restart_database, self.folder_vanishes, self.stop_worker_for_a_moment,
        ]  # fmt: skip
        turn = 0
        while time.monotonic() < until:
            self.swap_model()
            time.sleep(PAUSE_SECONDS)
            happening = happenings[turn % len(happenings)]
            happening()
            self.counts[happening.__name__] += 1
            time.sleep(PAUSE_SECONDS)
            turn += 1
        self._connection.close()

    def swap_model(self) -> None:
        """Activate the version that is not active."""
        version = self._versions[self.counts["swap_model"] % len(self._versions)]
        status, body = self._connection.ask(
            f"/v1/models/{version}/activate", self._operator, {"reason": "a soak", "force": True}
        )
        self._checker.expect(status == 200, f"activating {version} answered {status}: {body[:300]!r}")
        if status == 200:
            active = ModelChange.model_validate_json(body).active
            self._checker.expect(active == version, f"activated {version}, and {active} is active")
        self.counts["swap_model"] += 1

    def new_startup(self) -> None:
        """Add one and wait until it can be scored."""
        new = self._platform.add_copy(self._random.choice(self._platform.startups()))
        begun = time.monotonic()
        pair = {"user_id": str(self._members[0]), "startup_id": str(new)}
        while time.monotonic() - begun < SEEN_SECONDS:
            _, body = self._connection.ask("/v1/scores", self._operator, {"pairs": [pair]})
            if PairScores.model_validate_json(body).scores[0].score is not None:
                self.seen_seconds.append(time.monotonic() - begun)
                return
            time.sleep(0.1)
        self._checker.expect(False, f"the new startup {new} was not there after {SEEN_SECONDS:.0f} s")

    def hide(self) -> None:
        """Hide a startup; from then on it must be gone within moments."""
        startup = self._random.choice(self._platform.startups())
        self._platform.set_status(startup, "hidden")
        self._checker.truth.hidden_since[startup] = time.monotonic()

    def show(self) -> None:
        """Show again what is hidden."""
        for startup in list(self._checker.truth.hidden_since)[:-1]:
            del self._checker.truth.hidden_since[startup]
            self._platform.set_status(startup, "active")

    def kill_worker(self) -> None:
        """Kill one worker; the others serve until it is back."""
        os.kill(self._random.choice(self._workers()), signal.SIGKILL)

    def stop_worker_for_a_moment(self) -> None:
        """A worker that the machine gives no time to."""
        worker = self._random.choice(self._workers())
        os.kill(worker, signal.SIGSTOP)
        time.sleep(FAULT_SECONDS)
        os.kill(worker, signal.SIGCONT)

    def freeze_database(self) -> None:
        """The database hangs."""
        self._unreadable_from_now()
        with self._platform.frozen():
            time.sleep(FAULT_SECONDS)
        self._readable_again()

    def lock_people(self) -> None:
        """The table of people is locked."""
        self._unreadable_from_now()
        with self._platform.locked():
            time.sleep(FAULT_SECONDS)
        self._readable_again()

    def restart_database(self) -> None:
        """The database is stopped and started again."""
        self._unreadable_from_now()
        self._platform.restart_database()
        self._readable_again()

    def damaged_version(self) -> None:
        """The pointer names a version whose file is cut off."""
        models, pointer = self._platform.models, self._platform.models / "ACTIVE.json"
        whole = pointer.read_text()
        names = [self._copy_of_version(models, suffix) for suffix in (".pth", ".json")]
        os.truncate(names[0], names[0].stat().st_size // 2)
        pointer.write_text(json.dumps({"active": "two_tower_v999", "previous": []}))
        time.sleep(3 * FAULT_SECONDS)
        pointer.write_text(whole)
        for name in names:
            name.unlink()

    def folder_vanishes(self) -> None:
        """The folder of the models is gone for a moment."""
        away = self._platform.models.rename(self._platform.models.with_name("moved"))
        time.sleep(FAULT_SECONDS)
        away.rename(self._platform.models)

    def _copy_of_version(self, models: Path, suffix: str) -> Path:
        copy = models / f"two_tower_v999{suffix}"
        copy.write_bytes((models / f"{self._versions[0]}{suffix}").read_bytes())
        return copy

    def _workers(self) -> list[int]:
        children = map(int, Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split())
        return [pid for pid in children if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def _unreadable_from_now(self) -> None:
        self._checker.truth.readable_since = math.inf

    def _readable_again(self) -> None:
        self._checker.truth.readable_since = time.monotonic()
