from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.api import Rung
from recommendation_service.services.statistics import EDGES_SECONDS, Durations, ServiceStatistics


@given(st.lists(st.floats(1e-5, 60), min_size=1, max_size=200), st.sampled_from([50, 95, 99, 100]))
def test_percentiles_are_those_of_the_numbers_to_a_seventh(times: list[float], percent: int) -> None:
    durations = Durations()
    for seconds in times:
        durations.add(seconds)
    exact = float(np.percentile(times, percent, method="inverted_cdf"))
    assert exact <= durations.percentile(percent) * (1 + 1e-9)
    assert durations.percentile(percent) <= max(exact * 8 / 7 * (1 + 1e-9), EDGES_SECONDS[0])


def test_nothing_measured_has_percentiles_of_zero() -> None:
    assert Durations().percentile(99) == 0.0


def test_what_takes_longer_than_the_last_bin_counts_in_it() -> None:
    durations = Durations()
    durations.add(1e6)
    assert (durations.count, durations.percentile(50), durations.total_seconds) == (1, EDGES_SECONDS[-1], 1e6)


def test_counts_up_to_edges_are_cumulative() -> None:
    durations = Durations()
    for seconds in (0.001, 0.0011, 0.004, 2.0):
        durations.add(seconds)
    assert durations.counts_up_to([0.001, 0.005, 1.0, 5.0]) == [1, 3, 3, 4]


def test_answers_and_responses_are_counted_by_what_they_were() -> None:
    statistics = ServiceStatistics()
    statistics.count_answer(Rung.TWO_TOWER, degraded=False)
    statistics.count_answer(Rung.TWO_TOWER, degraded=True)
    statistics.count_answer(Rung.NEWEST, degraded=True)
    for status in (200, 201, 404, 503):
        statistics.count_response("recommendations", status, 0.01)
    assert statistics.answers_by_rung() == {"two_tower": 2, "newest": 1}
    assert statistics.degraded_answers == 2
    assert statistics.responses_by_status() == {"2xx": 2, "4xx": 1, "5xx": 1}
    assert [(latency.name, latency.count) for latency in statistics.latencies()] == [("recommendations", 4)]


def test_a_stage_that_fails_is_measured_too() -> None:
    statistics = ServiceStatistics()
    with pytest.raises(LookupError), statistics.stage("rank"):
        raise LookupError
    assert statistics.durations("stage")["rank"].count == 1


def test_threads_lose_no_count() -> None:
    statistics = ServiceStatistics()

    def count(_: int) -> None:
        for _ in range(500):
            statistics.count_answer(Rung.NEWEST, degraded=False)
            with statistics.stage("rank"):
                pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    assert statistics.answers_by_rung() == {"newest": 2000}
    assert statistics.durations("stage")["rank"].count == 2000
