"""Three visits of one person to three startups, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from reader.exposure import reconstruct

from simulation.config import FeedConfig
from tests.benchmarks.reader.small_platform import looks, records_of

FEED = FeedConfig()


def test_weights_follow_what_was_opened_decided_owned_and_not_yet_there() -> None:
    seen = looks((0, 0, 0, 0), (0, 1, 1, 1), (0, 0, 3, 2), apply=[1])
    records = records_of(seen, opened_days=[-5.0, -5.0, 2.5, -5.0], owners=[-1, 1, -1, 0])
    exposure = reconstruct(records, FEED)
    np.testing.assert_array_equal(exposure.day, [0, 1, 3])
    np.testing.assert_allclose(
        exposure.weight,
        [[1, 1, 0, 0], [FEED.seen_again, 1, 0, 0], [FEED.seen_again, 0, 1, 0]],  # applied to 1; 2 opens; owns 3
    )
    np.testing.assert_array_equal(exposure.look_visit, [0, 1, 2])


def test_visits_of_one_person_stand_together() -> None:
    seen = looks((1, 0, 0, 0), (0, 1, 1, 1), (1, 1, 1, 2))
    exposure = reconstruct(records_of(seen, opened_days=[-5.0, -5.0], owners=[-1, -1]), FEED)
    np.testing.assert_array_equal(exposure.member, [0, 1, 1])
    np.testing.assert_array_equal(exposure.look_visit, [1, 0, 2])


def test_shares_that_do_not_depend_on_taste() -> None:
    seen = looks((0, 0, 0, 0), (0, 1, 1, 1), click=[0], like=[0])
    others = reconstruct(records_of(seen, opened_days=[-1e6, -1e6], owners=[-1, -1]), FEED).others
    assert others[0] == pytest.approx([0.175, 0.175])  # nothing to go by: half of all that is not taste
    even = (FEED.newest + FEED.random) / 2
    popular = FEED.popular / (3 + 2e-3)
    assert others[1] == pytest.approx([even + popular * 3.001, even + popular * 0.001])  # view, click and like of 0


def test_a_dislike_makes_nothing_popular() -> None:
    seen = looks((0, 0, 0, 0), (0, 1, 1, 1), dislike=[0])
    others = reconstruct(records_of(seen, opened_days=[-1e6, -1e6], owners=[-1, -1]), FEED).others
    even = (FEED.newest + FEED.random) / 2
    assert others[1, 0] == pytest.approx(even + FEED.popular * 1.001 / 1.002)  # the view alone
