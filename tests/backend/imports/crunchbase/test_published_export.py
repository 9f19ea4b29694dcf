"""The export as published: the counts and the benchmark protocol of its data, from the database."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from imports.crunchbase.importing import import_crunchbase
from imports.progress import SilentProgress
from imports.summary import ImportSummary
from interactions.models import InteractionEvent
from startups.models import FundingRound, Startup

REPOSITORY = Path(__file__).parents[4]
DATA = Path(os.environ.get("LAUNCHMATCH_DATA", REPOSITORY.parent / "shared" / "data"))
EXPORT = DATA / "crunchbase2013" / "crunch2013.zip"
TEST_START = datetime(2012, 7, 1, tzinfo=UTC)

pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(not EXPORT.is_file(), reason=f"there is no {EXPORT}; set LAUNCHMATCH_DATA to its data folder"),
]


@pytest.fixture
def summary(db: None) -> ImportSummary:
    return import_crunchbase(EXPORT, SilentProgress())


def test_counts_and_protocol(summary: ImportSummary) -> None:
    assert summary.read["investments"] == 52_870
    assert User.objects.filter(role="investor").count() == 10_551
    assert Startup.objects.count() == 17_727
    assert FundingRound.objects.count() == 31_534
    pairs = InteractionEvent.objects.values("user", "startup").distinct()
    assert pairs.count() == 40_977
    assert InteractionEvent.objects.count() == 52_870 - summary.refused_of("investments") == 52_715
    assert summary.refused["investments", "the investment stands twice"] == 152
    assert catalogue() == 7_061
    assert evaluated_investors() == 1_748


def catalogue() -> int:
    """Companies with a round or an investment in the test window."""
    rounds = FundingRound.objects.filter(startup=OuterRef("pk"), announced_on__gte=date(2012, 7, 1))
    backed = InteractionEvent.objects.filter(startup=OuterRef("pk"), occurred_at__gte=TEST_START)
    return Startup.objects.filter(Exists(rounds) | Exists(backed)).count()


def evaluated_investors() -> int:
    """Investors with training history who back somebody new in the test window."""
    before = InteractionEvent.objects.filter(
        user=OuterRef("user"), startup=OuterRef("startup"), occurred_at__lt=TEST_START
    )
    new = InteractionEvent.objects.filter(~Exists(before), occurred_at__gte=TEST_START).values("user")
    history = Count("events", filter=Q(events__occurred_at__lt=TEST_START))
    return User.objects.filter(id__in=new).annotate(history=history).filter(history__gt=0).count()
