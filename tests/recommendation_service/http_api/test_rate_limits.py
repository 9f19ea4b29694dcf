from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from contracts.access import SUBJECT_OF_PLATFORM, Scope
from recommendation_service.engines.errors import ConfigError
from recommendation_service.http_api.access import admits, register_access
from recommendation_service.http_api.problems import register_problems
from recommendation_service.http_api.rate_limits import RateLimitConfig, RateLimiter, register_rate_limits
from recommendation_service.http_api.request_ids import register_request_ids
from recommendation_service.http_api.tokens import TokenVerifier, sign_token
from recommendation_service.services.statistics import ServiceStatistics

KEYS = {"one": "a-key-of-forty-characters-or-more-0000001"}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter(clock: Clock, **config: Any) -> RateLimiter:
    return RateLimiter(RateLimitConfig(**{"per_second": 2, "burst": 4, **config}), clock=clock)


def test_a_burst_then_the_rate(clock: Clock) -> None:
    limits = limiter(clock)
    assert [limits.wait_seconds("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    clock.now = 0.25
    assert limits.wait_seconds("a") == 0.25
    clock.now = 0.5
    assert [limits.wait_seconds("a") for _ in range(2)] == [0, 0.5]
    clock.now = 1000
    assert [limits.wait_seconds("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]


def test_over_a_long_time_no_more_than_the_rate_and_one_burst(clock: Clock) -> None:
    limits, passed = limiter(clock), 0
    for step in range(1000):
        clock.now = step * 0.1
        passed += limits.wait_seconds("a") == 0
    assert passed == 4 + int(2 * 99.9)


def test_callers_do_not_pay_for_each_other(clock: Clock) -> None:
    limits = limiter(clock, burst=1)
    assert limits.wait_seconds("a") == 0
    assert limits.wait_seconds("b") == 0
    assert limits.wait_seconds("a") > 0


def test_only_so_many_callers_are_remembered(clock: Clock) -> None:
    limits = limiter(clock, burst=1, most_callers=2)
    for caller in ("a", "b", "c"):
        limits.wait_seconds(caller)
    assert limits.wait_seconds("c") > 0
    assert limits.wait_seconds("a") == 0


def test_threads_together_get_one_burst(clock: Clock) -> None:
    limits = limiter(clock, burst=50)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limits.wait_seconds("a"), range(400)))
    assert waits.count(0) == 50


@pytest.mark.parametrize("config", [{"per_second": 0}, {"per_second": float("nan")}, {"burst": 0}, {"most_callers": 0}])
def test_limits_that_let_nobody_in_are_refused(clock: Clock, config: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(config))):
        limiter(clock, **config)


def test_a_caller_who_asks_too_often_is_told_when_to_come_back(clock: Clock) -> None:
    app, statistics = Flask("limited", static_folder=None), ServiceStatistics()
    register_request_ids(app)
    register_problems(app)
    app.get("/")(admits(Scope.MEMBER, Scope.PLATFORM)(lambda: "fine"))
    register_access(app, TokenVerifier(KEYS))
    register_rate_limits(app, limiter(clock, per_second=0.1, burst=2), statistics)

    def ask(scope: Scope, subject: str) -> Any:
        token = sign_token(KEYS, scope, subject, timedelta(minutes=1))
        return app.test_client().get("/", headers={"Authorization": f"Bearer {token}"})

    me = str(uuid4())
    assert [ask(Scope.MEMBER, me).status_code for _ in range(3)] == [200, 200, 429]
    refused = ask(Scope.MEMBER, me)
    assert refused.headers["Retry-After"] == "10"
    assert refused.json["detail"] == "too many requests; try again in 10 s"
    assert ask(Scope.MEMBER, str(uuid4())).status_code == 200
    assert {ask(Scope.PLATFORM, SUBJECT_OF_PLATFORM).status_code for _ in range(20)} == {200}
    assert statistics.turned_away == {"rate_limited": 2}
