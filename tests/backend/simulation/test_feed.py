from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from simulation.config import FeedConfig
from simulation.feed import draw_pages

VISITS = 20_000


def pages(config: FeedConfig, **changes: Any) -> npt.NDArray[np.int64]:
    """Pages of VISITS equal visits over 4 startups."""
    shape = (VISITS, 4)
    inputs: dict[str, Any] = {
        "allowed": np.ones(shape, dtype=np.bool_),
        "opened_before": np.zeros(shape, dtype=np.bool_),
        "popularity": np.ones(4, dtype=np.float32),
        "age_days": np.zeros(4, dtype=np.float32),
    }
    logits = changes.pop("logits", np.zeros(shape, dtype=np.float32))
    return draw_pages(logits, **{**inputs, **changes}, config=config, rng=np.random.default_rng(1))


def first_shares(shown: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.bincount(shown[:, 0], minlength=4) / len(shown)


def only(**share: float) -> FeedConfig:
    none: dict[str, Any] = {"taste": 0.0, "popular": 0.0, "newest": 0.0, "random": 0.0, "page": 4}
    return FeedConfig(**{**none, **share})


def test_search_follows_taste_as_a_softmax() -> None:
    logits = np.tile(np.log(np.array([1, 2, 3, 4], dtype=np.float32)), (VISITS, 1))
    shown = pages(only(taste=1.0, sharpness=1.0), logits=logits)
    np.testing.assert_allclose(first_shares(shown), [0.1, 0.2, 0.3, 0.4], atol=0.02)


def test_the_popular_share_follows_recent_acts() -> None:
    shown = pages(only(popular=1.0), popularity=np.array([0, 1, 1, 2], dtype=np.float32))
    np.testing.assert_allclose(first_shares(shown), [0, 0.25, 0.25, 0.5], atol=0.02)


def test_the_newest_share_forgets_with_age() -> None:
    ages = np.array([0, 5, 100, 100], dtype=np.float32)
    shown = pages(only(newest=1.0, newest_days=5.0), age_days=ages)
    np.testing.assert_allclose(first_shares(shown)[:2], [1 / (1 + np.exp(-1)), 1 / (1 + np.e)], atol=0.02)


def test_a_page_holds_each_startup_once() -> None:
    assert (np.sort(pages(only(random=1.0)), axis=1) == np.arange(4)).all()


def test_what_is_not_allowed_is_never_shown_and_leaves_a_gap() -> None:
    allowed = np.tile(np.array([True, False, True, False]), (VISITS, 1))
    shown = pages(only(random=1.0), allowed=allowed)
    assert set(np.unique(shown[:, :2])) == {0, 2}
    assert (shown[:, 2:] == -1).all()


def test_what_was_opened_before_comes_rarely() -> None:
    opened = np.tile(np.array([True, False, False, False]), (VISITS, 1))
    shown = pages(only(random=1.0, seen_again=0.1), opened_before=opened)
    assert first_shares(shown)[0] == pytest.approx(0.1 / 3.1, abs=0.01)
