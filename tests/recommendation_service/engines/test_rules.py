from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from contracts.interactions import LABELS, InteractionType
from recommendation_service.engines.rules import allowed_columns, columns_by_owner, withheld_columns
from recommendation_service.engines.types import Catalogue, HistoryItem, StartupRecord, UserRecord, UserState

NOW = datetime(2025, 1, 1, tzinfo=UTC)
CATALOGUE = Catalogue(
    startups=[
        StartupRecord(id=name, opened_at=NOW, owner_id=owner)
        for name, owner in [("a", "me"), ("b", None), ("c", "you"), ("d", "me"), ("e", None)]
    ]
)


def allowed_after(*acts: tuple[str, str]) -> list[str]:
    history = tuple(HistoryItem(startup_id=id, kind=kind, label=LABELS[kind], time=NOW) for id, kind in acts)
    user = UserState(record=UserRecord(id="me", role=""), history=history)
    allowed = allowed_columns(CATALOGUE, columns_by_owner(CATALOGUE), user)
    return [CATALOGUE.startups[column].id for column in np.flatnonzero(allowed)]


def test_own_startups_never_come_back() -> None:
    assert allowed_after() == ["b", "c", "e"]


@pytest.mark.parametrize("kind", [kind.value for kind in InteractionType])
def test_whatever_somebody_did_something_to_never_comes_back(kind: str) -> None:
    assert allowed_after(("b", kind)) == ["c", "e"]


def test_startups_that_left_the_catalogue_do_not_matter() -> None:
    assert allowed_after(("gone", "like"), ("c", "view")) == ["b", "e"]


def test_everything_seen_leaves_nothing() -> None:
    assert allowed_after(("b", "view"), ("c", "view"), ("e", "dislike")) == []


def test_what_is_told_of_each_rule_is_what_all_keep_away() -> None:
    history = tuple(
        HistoryItem(startup_id=id, kind=kind, label=LABELS[kind], time=NOW)
        for id, kind in [("b", "like"), ("gone", "view"), ("d", "view")]
    )
    user, owners = UserState(record=UserRecord(id="you", role=""), history=history), columns_by_owner(CATALOGUE)
    told = {column for columns in withheld_columns(CATALOGUE, owners, user).values() for column in columns}
    assert told == set(np.flatnonzero(~allowed_columns(CATALOGUE, owners, user)).tolist()) == {1, 2, 3}
