"""One person as the history towers look at them, without the tables that many people need.

What `HistoryEncoder.people` gives for many at once, in a fraction of the time for one: a request waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import torch

from recommendation_service.engines.content_facets import Facet, preferred_facets
from recommendation_service.engines.history_encoder import HistoryEncoder
from recommendation_service.engines.history_network import PeopleTensors
from recommendation_service.engines.history_pools import POOLS, weigh_acts
from recommendation_service.engines.history_sides import FACET_POOLS, Rows
from recommendation_service.engines.known_startups import KnownStartups, centred_texts
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import INTERACTION_KINDS, FloatArray, UserState

_CODE_OF_KIND = {kind: code for code, kind in enumerate(INTERACTION_KINDS)}
_LIKED, _RECENT = POOLS.index("liked"), POOLS.index("recent")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Person:
    """A person as of a moment.

    Attributes:
        tensors: What the network looks at, B being 1.
        startups: int64 [E], rows of the startups that they acted on among all that were acted on, -1 for the others.
        likeness: float32 [2, E], what each act weighs in each of AUDIENCE_POOLS.
    """

    tensors: PeopleTensors
    startups: Rows
    likeness: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Acts:
    """E acts of a person, by time: rows of known startups, labels, codes of kinds, microseconds since 1970."""

    rows: Rows
    labels: FloatArray
    kinds: npt.NDArray[np.int8]
    times: Rows


def encode_person(encoder: HistoryEncoder, user: UserState, known: KnownStartups, as_of: datetime) -> Person:
    """A person with what they did.

    Args:
        encoder: Fitted.
        user: The person.
        known: Startups that their history may name; acts on others do not count.
        as_of: The moment if the person's state names none.
    """
    acts = _acts(user, known)
    age_days = (to_microseconds(user.as_of or as_of) - acts.times) / 86_400_000_000
    weights = weigh_acts(acts.labels, acts.kinds, age_days, half_life_days=encoder.half_life_days)
    shares = (weights / (weights.sum(axis=1, keepdims=True) + 1.0)).astype(np.float32)
    texts = known.texts[acts.rows]
    own = centred_texts([user.record], encoder.user_text)[0]
    likes = int(np.count_nonzero(acts.labels > 0))
    role = encoder.roles.index(user.record.role) if user.record.role in encoder.roles else -1
    tensors = PeopleTensors(
        facets=torch.from_numpy(_facets(encoder, user, acts, shares, known)[:, None, :]),
        texts=torch.from_numpy(np.stack([shares[_LIKED] @ texts, shares[_RECENT] @ texts, own])[:, None, :]),
        gates=torch.tensor([[1.0, np.log1p(likes), float(likes == 0)]], dtype=torch.float32),
        roles=torch.tensor([role]),
    )
    return Person(tensors=tensors, startups=known.acted_on[acts.rows], likeness=shares[[_LIKED, _RECENT]])


def _acts(user: UserState, known: KnownStartups) -> _Acts:
    row_of = known.row_of
    items = [(row_of[item.startup_id], item) for item in user.history if item.startup_id in row_of]
    return _Acts(
        rows=np.array([row for row, _ in items], dtype=np.int64),
        labels=np.array([item.label for _, item in items], dtype=np.float32),
        kinds=np.array([_CODE_OF_KIND[item.kind] for _, item in items], dtype=np.int8),
        times=np.array([to_microseconds(item.time) for _, item in items], dtype=np.int64),
    )


def _facets(
    encoder: HistoryEncoder, user: UserState, acts: _Acts, shares: FloatArray, known: KnownStartups
) -> FloatArray:
    """float32 [P, V], for each of FACET_POOLS."""
    width = len(encoder.vocabulary)
    act, columns, counts = known.facet_entries(acts.rows, acts.times)
    worth = 1.0 / np.sqrt(counts)
    pools = np.zeros((len(FACET_POOLS), width), dtype=np.float32)
    for pool, share in zip(POOLS, shares, strict=True):
        pools[FACET_POOLS.index(pool)] = np.bincount(columns, weights=share[act] * worth, minlength=width)
    often = np.bincount(columns, weights=acts.labels[act] * worth, minlength=width)
    pools[FACET_POOLS.index("liked_often")] = np.log1p(often)
    said, said_first = FACET_POOLS.index("said"), FACET_POOLS.index("said_first")
    for column, place in _said(encoder, preferred_facets(user.record)):
        pools[said, column] = 1.0
        pools[said_first, column] = 1.0 / (1.0 + place)
    return pools


def _said(encoder: HistoryEncoder, facets: Sequence[Facet]) -> list[tuple[int, int]]:
    """Column of each facet that is known, with how many of its kind the person names before it."""
    column_of, before, found = encoder.vocabulary.column_of, dict[str, int](), []
    for facet in facets:
        place = before.get(facet[0], 0)
        before[facet[0]] = place + 1
        if facet in column_of:
            found.append((column_of[facet], place))
    return found
