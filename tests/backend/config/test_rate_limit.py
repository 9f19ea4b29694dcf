from __future__ import annotations

import pytest
from django.http import HttpResponse

from config import rate_limit
from config.rate_limit import RateLimit, limited

LIMIT = RateLimit(name="test", times=2, seconds=60)


@pytest.fixture
def clock(monkeypatch):
    """`clock[0]` is the time in seconds."""
    now = [1_000_000.0]
    monkeypatch.setattr(rate_limit, "time", lambda: now[0])
    return now


def test_so_many_are_admitted_and_no_more_until_the_window_ends(clock):
    assert [LIMIT.admits("a") for _ in range(3)] == [True, True, False]
    clock[0] += 60
    assert LIMIT.admits("a")


def test_visitors_and_limits_are_counted_apart(clock):
    other = RateLimit(name="other", times=1, seconds=60)
    assert [LIMIT.admits("a"), LIMIT.admits("a"), LIMIT.admits("b"), other.admits("a")] == [True] * 4


def test_only_what_is_posted_counts(rf, clock):
    view = limited(LIMIT, lambda _request, status, detail: HttpResponse(detail, status=status))(
        lambda _request: HttpResponse("done")
    )
    assert [view(rf.get("/")).status_code for _ in range(5)] == [200] * 5
    assert [view(rf.post("/")).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("wrong", [{"times": 0}, {"seconds": 0}])
def test_a_limit_is_positive(wrong):
    with pytest.raises(ValueError, match="positive"):
        RateLimit(**{"name": "x", "times": 1, "seconds": 1, **wrong})
