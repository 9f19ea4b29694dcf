"""Negatives are startups that existed, that the person never touched or owned, and as likely as they should be."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.datasets.catalogue import NOBODY, Lifetimes
from recommendations.datasets.moments import NEVER
from recommendations.datasets.negative_sampling import NegativeSampler
from recommendations.datasets.pair_blocks import KINDS, PairBlock, PairRows
from recommendations.datasets.proposals import MonthlyActs, PopularityProposal, Proposal, UniformProposal

LIKE, DISLIKE, SAMPLED = KINDS.index("like"), KINDS.index("dislike"), KINDS.index("sampled_negative")
MONTH = 31 * 24 * 3600 * 10**6

Platform = tuple[list[int], list[int], list[int], list[tuple[int, int, int, int]]]
"""When startups opened and closed, who owns them, and pairs as (user, startup, kind, time)."""


def lifetimes(opened: list[int], closed: list[int] | None = None, owner: list[int] | None = None) -> Lifetimes:
    """Startups by row; the order of opening is worked out here."""
    order = np.argsort(opened, kind="stable")
    return Lifetimes(
        row=order.astype(np.int32),
        opened=np.array(opened, dtype=np.int64)[order],
        closed=np.array(closed or [NEVER] * len(opened), dtype=np.int64)[order],
        owner=np.array(owner or [NOBODY] * len(opened), dtype=np.int32)[order],
    )


def block(pairs: list[tuple[int, int, int, int]], touched: list[tuple[int, int]] | None = None) -> PairBlock:
    """Pairs as (user, startup, kind, time); touched as (user, startup) in addition to them."""
    table = np.array(pairs, dtype=np.int64).reshape(-1, 4)
    all_touched = sorted({(user, startup) for user, startup, *_ in pairs} | set(touched or []))
    both = np.array(all_touched, dtype=np.int32).reshape(-1, 2)
    rows = PairRows(
        user=table[:, 0].astype(np.int32),
        startup=table[:, 1].astype(np.int32),
        kind=table[:, 2].astype(np.int8),
        time=table[:, 3],
    )
    return PairBlock(pairs=rows, touched_user=both[:, 0], touched_startup=both[:, 1])


def sampler(
    startups: Lifetimes, *, per_positive: int = 2, seed: int = 0, proposal: Proposal | None = None
) -> NegativeSampler:
    return NegativeSampler(
        lifetimes=startups,
        proposal=proposal or UniformProposal(),
        per_positive=per_positive,
        rng=np.random.default_rng(seed),
    )


def drawn_rows(rows: PairRows) -> list[tuple[int, int, int, int]]:
    columns = (rows.user, rows.startup, rows.kind, rows.time)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@st.composite
def platforms(draw: st.DrawFn) -> Platform:
    count = draw(st.integers(1, 12))
    opened = draw(st.lists(st.integers(0, 20), min_size=count, max_size=count))
    closed = [at + draw(st.sampled_from([NEVER - at, 0, 3, 10])) for at in opened]
    owner = draw(st.lists(st.sampled_from([NOBODY, NOBODY, 0, 1]), min_size=count, max_size=count))
    pairs = draw(
        st.lists(
            st.tuples(
                st.integers(0, 3), st.integers(0, count - 1), st.sampled_from([LIKE, DISLIKE]), st.integers(0, 25)
            ),
            unique_by=lambda row: row[:2],
            max_size=20,
        )
    )
    return opened, closed, owner, pairs


def popularity(count: int) -> PopularityProposal:
    acts = MonthlyActs(
        month=np.array([0, 0], dtype=np.int32),
        place=np.array([0, count - 1], dtype=np.int32),
        count=np.array([50, 3], dtype=np.int64),
    )
    return PopularityProposal(acts, count)


@given(platform=platforms(), per_positive=st.integers(0, 4), seed=st.integers(0, 5), popular=st.booleans())
def test_negatives_qualify_and_none_is_left_out(
    platform: Platform, per_positive: int, seed: int, popular: bool
) -> None:
    opened, closed, owner, pairs = platform
    proposal = popularity(len(opened)) if popular else UniformProposal()
    drawing = sampler(lifetimes(opened, closed, owner), per_positive=per_positive, seed=seed, proposal=proposal)
    rows = drawn_rows(drawing.draw(block(pairs)))
    touched = {(user, startup) for user, startup, *_ in pairs}
    positives = [(user, time) for user, _, kind, time in pairs if kind == LIKE]
    assert len({(user, startup) for user, startup, *_ in rows}) == len(rows)
    for user, startup, kind, time in rows:
        assert kind == SAMPLED
        assert (user, time) in positives
        assert (user, startup) not in touched
        assert owner[startup] != user
        assert opened[startup] <= time < closed[startup]
    assert len(rows) + drawing.missing == per_positive * len(positives)
    per_moment = Counter((user, time) for user, _, _, time in rows)
    asked = {key: per_positive * count for key, count in Counter(positives).items()}
    used = {(user, startup) for user, startup, *_ in rows} | touched
    for (user, time), wanted in asked.items():
        free = [
            startup
            for startup in range(len(opened))
            if (user, startup) not in used and owner[startup] != user and opened[startup] <= time < closed[startup]
        ]
        assert per_moment[user, time] == wanted or not free


def test_nothing_existed_yet_is_counted_as_missing() -> None:
    drawing = sampler(lifetimes([10, 20]))
    assert len(drawing.draw(block([(0, 1, LIKE, 5)]))) == 0
    assert drawing.missing == 2


def test_dislikes_get_no_negatives() -> None:
    assert len(sampler(lifetimes([0] * 9)).draw(block([(0, 1, DISLIKE, 5)]))) == 0


def test_no_pairs_no_negatives() -> None:
    assert len(sampler(lifetimes([0, 0])).draw(block([], touched=[(0, 1)]))) == 0


def test_uniform_negatives_are_uniform() -> None:
    """3,000 people like startup 0; each of the 9 others is drawn 6,000 / 9 times, within 5 standard deviations."""
    pairs = [(user, 0, LIKE, 5) for user in range(3000)]
    rows = sampler(lifetimes([0] * 10)).draw(block(pairs))
    counts = np.bincount(rows.startup, minlength=10)
    deviation = np.sqrt(6000 * (1 / 9) * (8 / 9))
    assert counts[0] == 0
    assert np.abs(counts[1:] - 6000 / 9).max() < 5 * deviation


def test_popularity_counts_the_months_before_only() -> None:
    """Startup 1 has 80 acts in the first month: (1 + 80) ** 0.75 = 27 in the next month, 1 in the same month."""
    acts = MonthlyActs(
        month=np.array([0], dtype=np.int32), place=np.array([1], dtype=np.int32), count=np.array([80], dtype=np.int64)
    )
    proposal = PopularityProposal(acts, 3)
    places = np.arange(3, dtype=np.int32)
    assert proposal.weights(0, places).tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert proposal.weights(MONTH, places).tolist() == pytest.approx([1 / 29, 27 / 29, 1 / 29])
    moments = np.repeat(np.array([0, MONTH]), 5000)
    drawn = proposal.draw(moments, np.full(10_000, 3, dtype=np.int32), np.random.default_rng(0))
    early, late = np.bincount(drawn[:5000], minlength=3) / 5000, np.bincount(drawn[5000:], minlength=3) / 5000
    assert early.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3], abs=0.04)
    assert late.tolist() == pytest.approx([1 / 29, 27 / 29, 1 / 29], abs=0.03)


def test_popularity_never_proposes_what_did_not_exist() -> None:
    proposal = popularity(4)
    drawn = proposal.draw(np.full(500, MONTH), np.full(500, 2, dtype=np.int32), np.random.default_rng(0))
    assert set(drawn.tolist()) == {0, 1}


def test_the_same_seed_draws_the_same() -> None:
    startups = lifetimes([0] * 50)
    pairs = [(user, user, LIKE, 5) for user in range(20)]
    first, again, other = (sampler(startups, seed=seed).draw(block(pairs)) for seed in (3, 3, 4))
    assert drawn_rows(first) == drawn_rows(again)
    assert drawn_rows(first) != drawn_rows(other)
