"""From a seeded platform to what the reader ranks by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from reader.labels import posterior_labels
from reader.records import Records, read_records

from interactions.models import InteractionEvent
from simulation.config import SimulationConfig
from simulation.funnel import expected_label, step_probabilities
from simulation.platform import SimulatedPlatform, simulate

CONFIG = SimulationConfig(users=60, startups=40, days=40, seed=3)
UNTIL = CONFIG.start + timedelta(days=30, hours=12)


class _Silent:
    def track(self, items, **_kwargs):  # type: ignore[no-untyped-def]
        return items


@pytest.fixture
def platform(db: None, tmp_path: Path) -> SimulatedPlatform:
    size = {name: getattr(CONFIG, name) for name in ("users", "startups", "days", "seed")}
    call_command("seed_platform", **size, oracle=tmp_path / "oracle.npz", verbosity=0)
    return simulate(CONFIG, _Silent())  # type: ignore[arg-type]


@pytest.fixture
def records(platform: SimulatedPlatform) -> Records:
    return read_records(CONFIG, UNTIL)


def test_what_is_certain_is_read_as_it_truly_is(platform: SimulatedPlatform, records: Records) -> None:
    for true, known, told in zip(platform.population.members, records.known, records.told, strict=True):
        assert (known.role, known.place, known.skills) == (true.role, true.place, true.skills)
        if told.bio is not None:
            assert told.bio.categories == tuple(interest.category for interest in true.interests)
    for true_venture, venture in zip(platform.population.ventures, records.ventures, strict=True):
        assert dict(venture.strengths) == dict(true_venture.strengths)
        assert venture.quality == 0.0
    np.testing.assert_array_equal(records.owners, platform.population.owners)


def test_looks_are_the_views_before_the_moment(platform: SimulatedPlatform, records: Records) -> None:
    views = InteractionEvent.objects.acts().filter(occurred_at__lt=UNTIL, type="view").count()
    assert len(records.looks) == views > 100
    assert records.looks.day.max() <= 30
    assert not (records.looks.did["like"] & ~records.looks.did["click"]).any()


def test_nothing_from_the_moment_on_is_looked_at(platform: SimulatedPlatform, records: Records) -> None:
    InteractionEvent.objects.filter(occurred_at__gte=UNTIL).delete()
    again = read_records(CONFIG, UNTIL)
    np.testing.assert_array_equal(again.looks.venture, records.looks.venture)
    assert again.told == records.told
    assert all(venture.closed_day < 30.5 or venture.closed_day == np.inf for venture in records.ventures)


def test_acts_bring_the_reader_nearer_to_the_truth(platform: SimulatedPlatform, records: Records) -> None:
    labels = posterior_labels(records, CONFIG, end_day=40.0, sweeps=60, seed=0)
    again = posterior_labels(records, CONFIG, end_day=40.0, sweeps=60, seed=0)
    np.testing.assert_array_equal(labels, again)
    unread = posterior_labels(_without_looks(records), CONFIG, end_day=40.0, sweeps=60, seed=0)
    logits = platform.affinity.logits(np.arange(60), 35.0)
    truth = expected_label(step_probabilities(logits, CONFIG.behaviour.funnel))
    assert labels.shape == truth.shape
    assert _error(labels, truth) < 0.9 * _error(unread, truth)


def test_too_short_a_chain_is_refused(records: Records) -> None:
    with pytest.raises(ValueError, match="at least 10 sweeps, got 5"):
        posterior_labels(records, CONFIG, end_day=40.0, sweeps=5, seed=0)


def _without_looks(records: Records) -> Records:
    looks = records.looks
    nothing = np.zeros(0, dtype=np.int64)
    did = {step: np.zeros(0, dtype=np.bool_) for step in looks.did}
    return replace(records, looks=replace(looks, member=nothing, venture=nothing, day=nothing, visit=nothing, did=did))


def _error(labels: np.ndarray, truth: np.ndarray) -> float:
    return float(((labels - truth) ** 2).mean())
