from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import ref

import numpy as np
import pytest

from contracts.api import Reason, Rung
from contracts.dataset import EMBEDDING_DIM
from contracts.interactions import LABELS
from recommendation_service.engines.reasons import MOST_REASONS, ReasonContext, explain
from recommendation_service.engines.recommender import Contributions, Scorer
from recommendation_service.engines.similarity import StartupSimilarity
from recommendation_service.engines.types import (
    Catalogue,
    FloatArray,
    HistoryItem,
    Location,
    Position,
    StartupRecord,
    UserRecord,
    UserState,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=365)


def startup(name: str, **fields: Any) -> StartupRecord:
    return StartupRecord(id=name, title=name.title(), **{"opened_at": LONG_AGO, **fields})


def text(angle: float) -> FloatArray:
    vector = np.zeros(EMBEDDING_DIM, dtype=np.float32)
    vector[:2] = np.cos(angle), np.sin(angle)
    return vector


def reasons_of(
    offered: StartupRecord,
    *others: StartupRecord,
    rung: Rung = Rung.TWO_TOWER,
    trends: dict[str, int] | None = None,
    acts: tuple[tuple[str, str], ...] = (),
    **profile: Any,
) -> list[Reason]:
    catalogue = Catalogue(startups=[offered, *others])
    context = ReasonContext(
        catalogue=catalogue, similarity=StartupSimilarity(catalogue), trends=trends or {}, trend_days=90
    )
    history = tuple(HistoryItem(startup_id=id, kind=kind, label=LABELS[kind], time=NOW) for id, kind in acts)
    user = UserState(record=UserRecord(id="u", role="student", **profile), history=history)
    return explain(context, user, [0], rung, NOW)[0]


def kinds(reasons: list[Reason]) -> list[str]:
    return [reason.kind for reason in reasons]


def test_nothing_in_common_is_no_reason() -> None:
    assert reasons_of(startup("a", category="health"), categories=("fintech",)) == []


@pytest.mark.parametrize(
    ("offered", "profile", "expected"),
    [
        ({"category": "Fintech"}, {"categories": ("x", " fintech")}, "In Fintech, a category you chose"),
        ({"field": "payments"}, {"fields": ("payments",)}, "In payments, a field you chose"),
        ({"tags": ("ai", "b2b", "x")}, {"tags": ("b2b", "AI")}, "About AI and B2B, which you follow"),
        ({"stages": ("seed",)}, {"stages": ("seed",)}, "At the seed stage, as you prefer"),
        (
            {"location": Location(city="Berlin")},
            {"location": Location(country="DEU", city="berlin")},
            "Based in Berlin, like you",
        ),
        (
            {"location": Location(country="USA", state="CA", city="Palo Alto")},
            {"location": Location(country="USA", state="ca", city="San Francisco")},
            "Based in your state",
        ),
    ],
    ids=["category", "field", "tags", "stages", "city", "state"],
)
def test_what_is_shared_is_said(offered: dict[str, Any], profile: dict[str, Any], expected: str) -> None:
    assert [reason.text for reason in reasons_of(startup("a", **offered), **profile)] == [expected]


def test_unknown_is_never_shared() -> None:
    assert reasons_of(startup("a"), categories=("",), fields=("",), location=Location()) == []


def test_skills_count_as_whole_words_of_open_positions() -> None:
    positions = (
        Position(title="C++ engineer", requirements="Knows Rust; javascript is a plus"),
        Position(title="Go developer", is_active=False),
    )
    (reason,) = reasons_of(startup("a", positions=positions), skills=("c++", "Rust", "java", "go", "script"))
    assert (reason.kind, reason.values) == ("shared_skills", ["c++", "Rust"])
    assert reason.text == "Looks for c++ and Rust, which you know"


def test_what_was_explained_is_not_kept_alive() -> None:
    """Texts of a catalogue that was replaced, all of them one table, would stay in memory with any one record."""
    vector = text(0)
    kept = ref(vector)
    offered = startup("a", positions=(Position(title="Rust engineer"),), embedding=vector)
    assert kinds(reasons_of(offered, skills=("rust",))) == ["shared_skills"]
    del offered, vector
    assert kept() is None


def test_close_to_the_closest_startup_that_was_liked() -> None:
    offered, near, nearer = (
        startup("a", embedding=text(0)),
        startup("near", embedding=text(0.9)),
        startup("nearer", embedding=text(0.5)),
    )
    (reason,) = reasons_of(offered, near, nearer, acts=(("near", "like"), ("nearer", "apply")))
    assert (reason.kind, reason.values, reason.text) == ("close_text", ["nearer"], "Close to Nearer, which you liked")


@pytest.mark.parametrize(
    ("kind", "angle"), [("view", 0.1), ("click", 0.1), ("dislike", 0.1), ("like", 1.1)], ids=lambda value: str(value)
)
def test_close_needs_a_liking_and_a_text_that_is_close(kind: str, angle: float) -> None:
    other = startup("b", embedding=text(angle))
    assert reasons_of(startup("a", embedding=text(0)), other, acts=(("b", kind),)) == []


def test_a_liked_startup_that_has_gone_is_not_named() -> None:
    assert reasons_of(startup("a", embedding=text(0)), acts=(("gone", "like"),)) == []


@pytest.mark.parametrize(("people", "who"), [(1, "1 member"), (12, "12 members")])
def test_trending_tells_its_count(people: int, who: str) -> None:
    (reason,) = reasons_of(startup("a"), trends={"a": people})
    assert (reason.values, reason.text) == ([str(people)], f"{who} showed interest in the last 90 days of activity")


@pytest.mark.parametrize(("days", "new"), [(0, True), (14, True), (15, False)])
def test_new_ends_after_a_fortnight(days: int, new: bool) -> None:
    reasons = reasons_of(startup("a", opened_at=NOW - timedelta(days=days)))
    assert kinds(reasons) == (["new"] if new else [])


def test_the_rung_that_made_the_list_speaks_first() -> None:
    offered = startup("a", category="fintech", opened_at=NOW)
    for rung, first in [(Rung.TRENDING, "trending"), (Rung.NEWEST, "new"), (Rung.TWO_TOWER, "shared_category")]:
        assert kinds(reasons_of(offered, rung=rung, trends={"a": 3}, categories=("fintech",)))[0] == first


def test_at_most_so_many_reasons() -> None:
    offered = startup("a", category="c", field="f", tags=("t",), stages=("s",), opened_at=NOW)
    reasons = reasons_of(offered, categories=("c",), fields=("f",), tags=("t",), stages=("s",), trends={"a": 1})
    assert len(reasons) == MOST_REASONS


def test_an_empty_list_has_no_reasons() -> None:
    catalogue = Catalogue(startups=[startup("a", embedding=text(0))])
    context = ReasonContext(catalogue=catalogue, similarity=StartupSimilarity(catalogue), trends={}, trend_days=1)
    liked = HistoryItem(startup_id="a", kind="like", label=0.8, time=NOW)
    user = UserState(record=UserRecord(id="u", role=""), history=(liked,))
    assert explain(context, user, [], Rung.NEWEST, NOW) == []


class Accountant(Scorer):
    """Tells how much of a score each liked startup makes up, if it is given anything to tell."""

    def __init__(self, catalogue: Catalogue, told: dict[str, float] | None) -> None:
        super().__init__(catalogue)
        self._told = told

    def score(self, users: Sequence[UserState]) -> FloatArray:
        return np.zeros((len(users), len(self.catalogue)), dtype=np.float32)

    def contributions(self, user: UserState, columns: Any, startup_ids: Sequence[str]) -> Contributions | None:
        if self._told is None:
            return None
        parts = np.array([[self._told[one] for one in startup_ids]] * len(columns), dtype=np.float32)
        return Contributions(engine="an_engine", parts=parts)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, [("close_text", ["nearer"])]),
        ({"near": 2.0, "nearer": 1.0, "far": 0.5}, [("close_to", ["near", "an_engine"])]),
        ({"near": 2.0, "nearer": 1.0, "far": 3.0}, []),
        ({"near": -2.0, "nearer": -1.0, "far": -3.0}, []),
    ],
    ids=["cannot tell", "another than the nearest", "the most is not close", "all speak against it"],
)
def test_the_engine_is_asked_what_weighed_most(
    told: dict[str, float] | None, expected: list[tuple[str, list[str]]]
) -> None:
    angles = {"a": 0.0, "near": 0.9, "nearer": 0.5, "far": 1.5}
    catalogue = Catalogue(startups=[startup(name, embedding=text(angle)) for name, angle in angles.items()])
    context = ReasonContext(catalogue=catalogue, similarity=StartupSimilarity(catalogue), trends={}, trend_days=1)
    history = tuple(
        HistoryItem(startup_id=name, kind="like", label=0.8, time=NOW) for name in ("near", "nearer", "far")
    )
    user = UserState(record=UserRecord(id="u", role=""), history=history)
    (reasons,) = explain(context, user, [0], Rung.TWO_TOWER, NOW, Accountant(catalogue, told))
    assert [(reason.kind, reason.values) for reason in reasons] == expected
