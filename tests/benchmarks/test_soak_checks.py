"""The soak's checker against answers that are wrong in one way each: one that sees nothing would prove nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from soak_checks import FRESH_SECONDS, Checker, Truth

from contracts.api import BatchLine, Recommendations, RecommendedStartup, Rung, Segment

ME, SOMEBODY = uuid4(), uuid4()
STARTUPS = [uuid4() for _ in range(4)]
NEVER = uuid4()


def items(startups: list[UUID], scores: list[float] | None = None, first_rank: int = 1) -> list[RecommendedStartup]:
    told = scores or [1.0 - place / 10 for place in range(len(startups))]
    return [
        RecommendedStartup(startup_id=startup, rank=rank, score=score)
        for rank, (startup, score) in enumerate(zip(startups, told, strict=True), start=first_rank)
    ]


def answer(**changed: Any) -> Recommendations:
    whole: dict[str, Any] = {
        "request_id": uuid4(),
        "user_id": ME,
        "segment": Segment.WARM,
        "rung": Rung.TWO_TOWER,
        "engine": "two_tower",
        "model_version": "two_tower_v1",
        "degraded": False,
        "exhausted": False,
        "generated_at": datetime.now(UTC),
        "items": items(STARTUPS[:2]),
    }
    return Recommendations(**{**whole, **changed})


@pytest.fixture
def checker() -> Checker:
    truth = Truth(forbidden={ME: {NEVER}}, versions={"two_tower_v1", "two_tower_v2"})
    truth.readable_since -= 10 * FRESH_SECONDS
    return Checker(truth)


def first(checker: Checker, told: Recommendations) -> list[str]:
    checker.first_page(told, ME, time.monotonic())
    return checker.wrong


def test_right_answers_are_right(checker: Checker) -> None:
    page = answer()
    assert first(checker, page) == []
    more = answer(request_id=page.request_id, items=items(STARTUPS[2:], [0.5, 0.4], first_rank=3))
    checker.next_page(more, page, ME, time.monotonic())
    content = answer(rung=Rung.CONTENT_BASED, model_version=None, engine="content_based")
    assert first(checker, content) == []
    assert checker.counts["scores compared"] == 4


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another person": ({"user_id": SOMEBODY}, f"asked about {ME}, answered about {SOMEBODY}"),
    "a startup twice": ({"items": items([STARTUPS[0], STARTUPS[0]])}, "shows a startup twice"),
    "ranks that do not count": ({"items": items(STARTUPS[:2], first_rank=2)}, "does not count its places from 1"),
    "scores out of order": ({"items": items(STARTUPS[:2], [0.1, 0.2])}, "is not ordered by its scores"),
    "a score that is no number": ({"items": items(STARTUPS[:1], [float("nan")])}, "is not ordered by its scores"),
    "a forbidden startup": ({"items": items([NEVER])}, f"shows {NEVER}, which it must not"),
    "a learned rung without a version": ({"model_version": None}, "names the version None"),
    "a version below the learned rungs": ({"rung": Rung.NEWEST}, "names the version two_tower_v1"),
    "an unknown version": ({"model_version": "two_tower_v9"}, "two_tower_v9, which does not exist"),
}


@pytest.mark.parametrize(("changed", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_told(checker: Checker, changed: dict[str, Any], told: str) -> None:
    assert told in first(checker, answer(**changed))[0]


def test_a_request_id_that_was_given_before_is_told(checker: Checker) -> None:
    page = answer()
    first(checker, page)
    assert "was given twice" in first(checker, page)[0]


def test_a_score_of_another_version_under_this_ones_name_is_told(checker: Checker) -> None:
    first(checker, answer())
    assert first(checker, answer(model_version="two_tower_v2", items=items(STARTUPS[:2], [0.8, 0.7]))) == []
    assert "mixes versions" in first(checker, answer(items=items(STARTUPS[:2], [0.8, 0.7])))[0]


def test_a_page_of_another_list_or_with_what_was_shown_is_told(checker: Checker) -> None:
    page = answer()
    checker.next_page(answer(items=items(STARTUPS[:1], first_rank=3)), page, ME, time.monotonic())
    assert "is of another list" in checker.wrong[0]
    assert "repeats the page before" in checker.wrong[1]


def test_a_startup_hidden_long_ago_must_be_gone_unless_the_database_cannot_say(checker: Checker) -> None:
    now = time.monotonic()
    checker.truth.hidden_since[STARTUPS[0]] = now - FRESH_SECONDS - 1
    assert "which it must not" in first(checker, answer())[0]
    checker.wrong.clear()
    checker.truth.readable_since = float("inf")
    assert first(checker, answer()) == []


def test_who_is_a_stranger_for_want_of_a_database_may_be_shown_anything(checker: Checker) -> None:
    stranger = "user_state: the platform's database did not answer"
    told = {"items": items([NEVER]), "degraded": True, "rung": Rung.TRENDING, "model_version": None}
    assert first(checker, answer(**told, degraded_reason=stranger)) == []
    remembered = f"{stranger}; the person is as known 3 s ago"
    assert "which it must not" in first(checker, answer(**told, degraded_reason=remembered))[0]


def test_a_batch_has_a_line_for_everybody_in_order(checker: Checker) -> None:
    lines = [BatchLine(user_id=ME, recommendations=answer()), BatchLine(user_id=SOMEBODY, problem="failed")]
    checker.batch(lines, [SOMEBODY, ME], time.monotonic())
    assert "in another order" in checker.wrong[0]
    assert f"no list for {SOMEBODY}: failed" in checker.wrong[1]
