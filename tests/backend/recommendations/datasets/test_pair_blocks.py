"""Pairs against a second implementation that scans the whole log for each pair and follows the rules word by word."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.interactions import InteractionType
from recommendations.datasets.moments import microseconds
from recommendations.datasets.pair_blocks import KINDS, act_count, event_rows, pair_blocks

START = datetime(2025, 1, 1, tzinfo=UTC)
USERS = [uuid.UUID(int=number) for number in range(1, 5)]
STARTUPS = [uuid.UUID(int=number) for number in range(11, 16)]
USER_ROWS = {key: row for row, key in enumerate(USERS)}
STARTUP_ROWS = {key: row for row, key in enumerate(STARTUPS)}
WEAKEST_FIRST = ["view", "click", "like", "favorite", "interest", "apply"]
EXPLICIT = {"like", "favorite", "interest", "apply", "dislike"}

Outcome = tuple[str, datetime]

logs = st.lists(
    st.tuples(
        st.sampled_from(USERS),
        st.sampled_from(STARTUPS),
        st.sampled_from([kind.value for kind in InteractionType]),
        st.integers(0, 6).map(lambda hours: START + timedelta(hours=hours)),
        st.sampled_from([None, None, START + timedelta(days=1)]),
    ),
    max_size=60,
).map(lambda log: sorted(log, key=lambda event: (event[0], event[1], event[3])))


def decide(acts: list[Outcome]) -> Outcome | None:
    """What acts in order of time amount to."""
    explicit = [act for act in acts if act[0] in EXPLICIT]
    if explicit and explicit[-1][0] == "dislike":
        return explicit[-1]
    for kind in reversed(WEAKEST_FIRST):
        for act in acts:
            if act[0] == kind:
                return act
    return None


def brute_force(log: list[Any], since: datetime | None) -> set[tuple[int, int, str, int]]:
    rows = set()
    for user in USERS:
        for startup in STARTUPS:
            acts = [(kind, at) for who, what, kind, at, undone in log if (who, what, undone) == (user, startup, None)]
            outcome = decide(acts)
            if outcome and (since is None or outcome[1] >= since):
                rows.add((USER_ROWS[user], STARTUP_ROWS[startup], outcome[0], microseconds(outcome[1])))
    return rows


def blocks_of(log: list[Any], *, since: datetime | None = None, size: int = 4) -> list[Any]:
    return list(pair_blocks(iter(log), users=USER_ROWS, startups=STARTUP_ROWS, since=since, size=size))


@given(log=logs, since=st.sampled_from([None, START + timedelta(hours=3)]), size=st.integers(1, 30))
def test_pairs_are_those_of_brute_force(log: list[Any], since: datetime | None, size: int) -> None:
    blocks = blocks_of(log, since=since, size=size)
    rows = [
        (int(user), int(startup), KINDS[kind], int(time))
        for block in blocks
        for user, startup, kind, time in zip(
            block.pairs.user, block.pairs.startup, block.pairs.kind, block.pairs.time, strict=True
        )
    ]
    assert len(rows) == len(set(rows))
    assert set(rows) == brute_force(log, since)


@given(log=logs)
def test_every_touched_pair_is_known_and_a_person_stays_in_one_block(log: list[Any]) -> None:
    blocks = blocks_of(log)
    touched = [set(zip(block.touched_user, block.touched_startup, strict=True)) for block in blocks]
    everything = {(USER_ROWS[who], STARTUP_ROWS[what]) for who, what, *_ in log}
    assert set().union(*touched) == everything
    people = [{user for user, _ in pairs} for pairs in touched]
    assert sum(map(len, people)) == len(set().union(*people))


def test_people_and_startups_outside_the_files_are_skipped() -> None:
    stranger = uuid.UUID(int=99)
    log = [(stranger, STARTUPS[0], "like", START, None), (USERS[0], stranger, "like", START, None)]
    assert blocks_of(sorted(log)) == []


@pytest.mark.django_db
def test_event_rows_are_ordered_acts_without_undo_rows(make_user: Any, make_startup: Any, make_event: Any) -> None:
    users, startups = [make_user() for _ in range(2)], [make_startup() for _ in range(2)]
    late = make_event(users[0], startups[0], "like", occurred_at=START + timedelta(hours=5))
    make_event(users[1], startups[1], "view", occurred_at=START)
    make_event(users[0], startups[0], "view", occurred_at=START)
    make_event(users[0], startups[0], "like", occurred_at=START + timedelta(hours=9), undoes=late)
    rows = list(event_rows(None))
    assert [row[2] for row in rows if row[0] == users[0].pk] == ["view", "like"]
    assert len(rows) == act_count(None) == 3
    assert rows == sorted(rows, key=lambda row: (row[0], row[1], row[3]))
    assert [row[4] for row in rows if row[2] == "like"] == [START + timedelta(hours=9)]
    assert [row[4] for row in event_rows(START + timedelta(hours=9)) if row[2] == "like"] == [None]
    assert [row[2] for row in event_rows(START + timedelta(hours=5))] == ["view", "view"]
    assert act_count(START + timedelta(hours=5)) == 2
