"""The clients of a soak: each asks one thing after another over a connection that it keeps, and loses no answer."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread
from uuid import UUID, uuid4

from soak_checks import Checker

from contracts.access import DEVELOPMENT_KEY, DEVELOPMENT_KEY_ID, SUBJECT_OF_PLATFORM, Scope
from contracts.api import BatchLine, PairScores, Recommendations, SimilarStartups
from recommendation_service.http_api.tokens import sign_token

KEYS = {DEVELOPMENT_KEY_ID: DEVELOPMENT_KEY}
TIMEOUT_SECONDS = 20.0
TRIES = 3
"""As a client behind a balancer has: a connection that broke is made again, a moment later, elsewhere."""
RETRY_SECONDS = 0.2
BATCH = 20


def token(scope: Scope, subject: object = SUBJECT_OF_PLATFORM) -> str:
    """A token of an hour."""
    return sign_token(KEYS, scope, str(subject), timedelta(hours=1))


class LostAnswerError(Exception):
    """No answer came, however often it was tried."""


@dataclass(kw_only=True)
class Asked:
    """What one client saw.

    Attributes:
        statuses: Answers by status.
        broken: Connections that broke before an answer, tried again.
        lost: Questions that were never answered.
        milliseconds: Of answers to first pages.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    lost: int = 0
    milliseconds: list[float] = field(default_factory=list)


class Connection:
    """Asks over a connection that is kept open."""

    def __init__(self, port: int, asked: Asked) -> None:
        self._port = port
        self._asked = asked
        self._open: http.client.HTTPConnection | None = None

    def ask(self, path: str, bearer: str | None, body: object = None) -> tuple[int, bytes]:
        """Status and body.

        Raises:
            LostAnswerError: If no answer came.
        """
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        content = None if body is None else json.dumps(body)
        if content is not None:
            headers["Content-Type"] = "application/json"
        for attempt in range(TRIES):
            try:
                return self._once(path, content, headers)
            except (OSError, http.client.HTTPException):
                self.close()
                self._asked.broken += 1
                time.sleep(RETRY_SECONDS * attempt)
        self._asked.lost += 1
        raise LostAnswerError(path)

    def close(self) -> None:
        """Close it; the next question opens another."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _once(self, path: str, content: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._open is None:
            self._open = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
        self._open.request("GET" if content is None else "POST", path, content, headers)
        response = self._open.getresponse()
        body = response.read()
        self._asked.statuses[response.status] += 1
        return response.status, body


class Client(Thread):
    """One of many who ask at the same time."""

    def __init__(
        self, port: int, checker: Checker, members: Sequence[UUID], startups: Sequence[UUID], stop: Event, *, seed: int
    ) -> None:
        super().__init__(name=f"client-{seed}", daemon=True)
        self.asked = Asked()
        self._connection = Connection(port, self.asked)
        self._checker = checker
        self._members = members
        self._startups = startups
        self._stop_asking = stop
        self._random = random.Random(seed)  # noqa: S311 - what is asked, not a secret
        self._tokens = {member: token(Scope.MEMBER, member) for member in members}
        self._platform = token(Scope.PLATFORM)

    def run(self) -> None:
        """Ask until told to stop; what goes wrong is counted and told."""
        questions: list[tuple[Callable[[], None], int]] = [
            (self._list, 60), (self._similar, 10), (self._scores, 10), (self._batch, 3), (self._refused, 10),
        ]  # fmt: skip
        kinds, weights = zip(*questions, strict=True)
        while not self._stop_asking.is_set():
            (ask,) = self._random.choices(kinds, weights)
            try:
                ask()
            except LostAnswerError:
                continue
            except ValueError as error:
                self._checker.expect(False, f"{ask.__name__}: an answer breaks the contract: {error}")
        self._connection.close()

    def _list(self) -> None:
        """A list and its second page."""
        member, asked_at = self._random.choice(self._members), time.monotonic()
        page = self._page(f"/v1/users/{member}/recommendations?limit=10", member)
        if page is None:
            return
        self.asked.milliseconds.append((time.monotonic() - asked_at) * 1000)
        self._checker.first_page(page, member, asked_at)
        if page.next_cursor is not None:
            asked_at = time.monotonic()
            following = self._page(f"/v1/users/{member}/recommendations?limit=10&cursor={page.next_cursor}", member)
            if following is not None:
                self._checker.next_page(following, page, member, asked_at)

    def _page(self, path: str, member: UUID) -> Recommendations | None:
        status, body = self._connection.ask(path, self._tokens[member])
        return Recommendations.model_validate_json(body) if self._ok(status, path) else None

    def _similar(self) -> None:
        startup, asked_at = self._random.choice(self._startups), time.monotonic()
        path = f"/v1/startups/{startup}/similar?limit=10"
        status, body = self._connection.ask(path, self._platform)
        if status != http.client.NOT_FOUND and self._ok(status, path):
            self._checker.similar(SimilarStartups.model_validate_json(body), startup, asked_at)

    def _scores(self) -> None:
        member = self._random.choice(self._members)
        startups = self._random.sample(self._startups, 5)
        pairs = [{"user_id": str(member), "startup_id": str(startup)} for startup in startups]
        status, body = self._connection.ask("/v1/scores", self._tokens[member], {"pairs": pairs})
        if self._ok(status, "/v1/scores"):
            scored = PairScores.model_validate_json(body)
            told = [str(score.startup_id) for score in scored.scores]
            self._checker.expect(told == [pair["startup_id"] for pair in pairs], "scores are of other pairs")

    def _batch(self) -> None:
        members, asked_at = self._random.sample(self._members, BATCH), time.monotonic()
        asked = {"user_ids": [str(member) for member in members], "limit": 10}
        status, body = self._connection.ask("/v1/batch/recommendations", self._platform, asked)
        if self._ok(status, "/v1/batch/recommendations"):
            lines = [BatchLine.model_validate_json(line) for line in body.splitlines() if line]
            self._checker.batch(lines, members, asked_at)

    def _refused(self) -> None:
        """What must be refused, and how."""
        mine, other = self._random.sample(self._members, 2)
        questions: list[tuple[str, str | None, object, int]] = [
            (f"/v1/users/{other}/recommendations", self._tokens[mine], None, 404),
            (f"/v1/users/{uuid4()}/recommendations", self._platform, None, 404),
            (f"/v1/users/{mine}/recommendations?limit=0", self._tokens[mine], None, 422),
            (f"/v1/users/{mine}/recommendations", None, None, 401),
            ("/v1/models", self._tokens[mine], None, 403),
            ("/v1/refresh", self._platform, {"unknown": 1}, 422),
        ]
        path, bearer, body, expected = self._random.choice(questions)
        status, _ = self._connection.ask(path, bearer, body)
        # Without the database nobody can say that a person does not exist.
        fine = status == expected or (expected == http.client.NOT_FOUND and status == http.client.OK)
        self._checker.expect(fine, f"{path} answered {status} instead of {expected}")

    def _ok(self, status: int, path: str) -> bool:
        self._checker.expect(status == http.client.OK, f"{path} answered {status}")
        return status == http.client.OK
