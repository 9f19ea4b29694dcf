from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from recommendation_service.engines.known_positives import KnownPositives

USERS, STARTUPS = 5, 8


@given(
    st.lists(st.tuples(st.integers(0, USERS - 1), st.integers(0, STARTUPS - 1)), max_size=30),
    st.sets(st.integers(0, USERS - 1), min_size=1),
    st.sets(st.integers(0, STARTUPS - 1), min_size=1),
)
def test_mask_equals_membership(pairs: list[tuple[int, int]], users: set[int], startups: set[int]) -> None:
    user = torch.tensor([pair[0] for pair in pairs], dtype=torch.int64)
    startup = torch.tensor([pair[1] for pair in pairs], dtype=torch.int64)
    known = KnownPositives.of(user, startup, users=USERS, startups=STARTUPS)
    expected = [[(u, s) in set(pairs) for s in startups] for u in users]
    for _ in range(2):
        mask = known.mask(torch.tensor(list(users)), torch.tensor(list(startups)))
        assert mask.tolist() == expected
