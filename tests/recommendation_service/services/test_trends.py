"""Trends from sums are the popularity that the engine would learn from every act."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from recommendation_service.engines.popularity import PopularityConfig, PopularityRecommender
from recommendation_service.engines.types import INTERACTION_KINDS, Catalogue, Interactions, TrainingData
from recommendation_service.services.startup_activity import ActivityTally
from recommendation_service.services.trends import Trends, count_trends

HALF_LIFE = timedelta(days=14)


def counted(platform: TrainingData, catalogue: Catalogue) -> Trends:
    """Acts go through the tally in no order."""
    tally, acts = ActivityTally[str](HALF_LIFE), done(platform)
    for row in np.random.default_rng(5).permutation(len(acts)).tolist():
        tally.add(platform.startups[acts.startup[row]].id, float(acts.label[row]), int(acts.time[row]))
    return count_trends(catalogue, [tally.of(one, one) for one in tally.startups], HALF_LIFE)


def done(platform: TrainingData) -> Interactions:
    """All but the sampled negatives, which nobody did."""
    return platform.interactions.take(platform.interactions.kind != INTERACTION_KINDS.index("sampled_negative"))


def test_popularity_is_what_the_engine_learns_from_the_acts_on_the_catalogue(platform: TrainingData) -> None:
    """A third of the startups is not open, the latest act of all among what was done to them."""
    acts = done(platform)
    hidden = {int(acts.startup[acts.time.argmax()]), *range(0, len(platform.startups), 3)}
    catalogue = Catalogue(startups=[one for row, one in enumerate(platform.startups) if row not in hidden])
    known = replace(platform, interactions=acts.take(~np.isin(acts.startup, list(hidden))))
    learned = PopularityRecommender(PopularityConfig(half_life_days=14)).fit(known).bind(catalogue)
    told = PopularityRecommender.counted(counted(platform, catalogue).popularity).bind(catalogue)
    nobody: Any = [None]
    np.testing.assert_allclose(told.score(nobody), learned.score(nobody), rtol=1e-6)


def test_interested_are_those_who_liked_saved_applied_or_were_interested(platform: TrainingData) -> None:
    acts = done(platform)
    strong = np.isin(acts.kind, [INTERACTION_KINDS.index(kind) for kind in ("like", "favorite", "apply", "interest")])
    expected = np.bincount(acts.startup[strong], minlength=len(platform.startups))
    found = counted(platform, Catalogue(startups=platform.startups)).interested
    assert [found.get(startup.id, 0) for startup in platform.startups] == expected.tolist()


def test_nothing_done_is_no_trend(platform: TrainingData) -> None:
    assert count_trends(Catalogue(startups=platform.startups), [], HALF_LIFE).popularity == {}
