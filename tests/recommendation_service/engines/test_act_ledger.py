from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recommendation_service.engines.act_ledger import ActLedger
from recommendation_service.engines.audience import audience_vectors
from recommendation_service.engines.timeline import from_microseconds
from recommendation_service.engines.types import Interactions, TrainingData

Make = Callable[..., Interactions]
DAY = 86_400_000_000


def ledger_of(acts: Interactions, startups: int) -> ActLedger:
    return ActLedger.of(acts, np.arange(startups), startups)


def test_counts_by_hand(make_interactions: Make) -> None:
    acts = make_interactions([(5, 0, "apply", 0), (7, 0, "view", 2 * DAY), (7, 1, "dislike", 3 * DAY)])
    ledger = ledger_of(acts, 3)
    assert ledger.people == 2
    np.testing.assert_allclose(ledger.totals(ledger.label), [1.4, 0, 0], rtol=1e-6)
    earlier = ledger.before(from_microseconds(2 * DAY))
    np.testing.assert_allclose(earlier.totals(earlier.label), [1.0, 0, 0])
    faded = ledger.before(from_microseconds(4 * DAY)).fading(from_microseconds(4 * DAY), half_life_days=2.0)
    np.testing.assert_allclose(faded, [0.25, 0.2, 0.0], rtol=1e-6)


def test_it_survives_a_file(platform: TrainingData) -> None:
    ledger = ledger_of(platform.interactions, len(platform.startups))
    again = ActLedger.from_tensors(ledger.to_tensors(), len(platform.startups))
    assert (again.people, again.startups) == (ledger.people, ledger.startups)
    for name in ("user", "startup", "label", "time"):
        np.testing.assert_array_equal(getattr(again, name), getattr(ledger, name))


def test_audiences_are_alike_by_their_damped_cosine(platform: TrainingData) -> None:
    """Against a loop over every pair of startups."""
    ledger = ledger_of(platform.interactions, len(platform.startups))
    vectors = audience_vectors(ledger)
    found = (vectors @ vectors.T).toarray()
    liked = np.zeros((ledger.startups, ledger.people))
    liked[ledger.startup, ledger.user] = ledger.label
    likers, likes = (liked > 0).sum(axis=1), (liked > 0).sum(axis=0)
    for one in range(0, ledger.startups, 7):
        for other in range(ledger.startups):
            shared = sum(liked[one, user] * liked[other, user] / (likes[user] + 1) for user in range(ledger.people))
            expected = shared / np.sqrt((likers[one] + 1) * (likers[other] + 1))
            np.testing.assert_allclose(found[one, other], expected, rtol=1e-4, atol=1e-7)


def test_nobody_did_anything(make_interactions: Make) -> None:
    empty = ledger_of(make_interactions([]), 3)
    assert audience_vectors(empty).shape == (3, 0)
    assert ActLedger.from_tensors(empty.to_tensors(), 3).people == 0
