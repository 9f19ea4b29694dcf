"""Some people as history towers that serve look at them: what `HistoryEncoder.people` gives, without sparse tables.

A request waits for one person, a batch for some dozen: all their acts are laid out in one run, and every pool of
everybody is summed up at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from scipy.sparse import coo_array

from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.content_facets import Facet, preferred_facets
from recommendation_service.engines.history_encoder import HistoryEncoder
from recommendation_service.engines.history_pools import POOLS, act_shares, gates_of
from recommendation_service.engines.history_sides import AUDIENCE_POOLS, FACET_POOLS, Rows
from recommendation_service.engines.known_startups import KnownStartups, centred_texts
from recommendation_service.engines.types import FloatArray, UserRecord, UserState

TEXTS = [POOLS.index(pool) for pool in ("liked", "recent")]
AUDIENCES = [POOLS.index(pool) for pool in AUDIENCE_POOLS]
OF_ACTS = [FACET_POOLS.index(pool) for pool in (*POOLS, "liked_often")]
_SAID, _SAID_FIRST, _LIKED_OFTEN = (FACET_POOLS.index(pool) for pool in ("said", "said_first", "liked_often"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class People:
    """B people, each as of a moment, with E acts in all.

    Attributes:
        facets: float32 [P, B, V], for each of FACET_POOLS.
        texts: float32 [3, B, T], for each of TEXT_POOLS.
        gates: float32 [B, G], for each of GATES.
        roles: int64 [B], -1 for a role never seen.
        person: int64 [E], whose act it is.
        startups: int64 [E], rows of the startups acted on among all that were acted on, -1 for the others.
        likeness: float32 [2, E], what each act weighs in each of AUDIENCE_POOLS.
    """

    facets: FloatArray
    texts: FloatArray
    gates: FloatArray
    roles: Rows
    person: Rows
    startups: Rows
    likeness: FloatArray

    def __len__(self) -> int:
        """B."""
        return len(self.roles)


def encode_people(encoder: HistoryEncoder, users: Sequence[UserState], known: KnownStartups, as_of: datetime) -> People:
    """People with what they did.

    Args:
        encoder: Fitted.
        users: The people.
        known: Startups that their histories may name; acts on others do not count.
        as_of: The moment of people whose state names none.
    """
    acts = ActTable.of_states(users, known.row_of, as_of)
    records = [user.record for user in users]
    shares = act_shares(acts, half_life_days=encoder.half_life_days)
    own = centred_texts(records, encoder.user_text)
    done = known.texts.sums(acts.startup, shares[TEXTS], acts.starts)
    return People(
        facets=_facets(encoder, records, acts, shares, known),
        texts=np.concatenate([done, own[None]]),
        gates=gates_of(acts),
        roles=encoder.roles_of(records),
        person=acts.person,
        startups=known.acted_on[acts.startup],
        likeness=shares[AUDIENCES],
    )


def _facets(
    encoder: HistoryEncoder, records: Sequence[UserRecord], acts: ActTable, shares: FloatArray, known: KnownStartups
) -> FloatArray:
    """float32 [P, B, V], for each of FACET_POOLS."""
    width = len(encoder.vocabulary)
    act, columns, counts = known.facet_entries(acts.startup, acts.time)
    cells = acts.person[act] * width + columns
    had = coo_array((1.0 / np.sqrt(counts), (cells, act)), shape=(acts.people * width, len(acts.person)))
    sums = had @ np.concatenate([shares, acts.label[None]]).T
    pools = np.zeros((len(FACET_POOLS), acts.people, width), dtype=np.float32)
    pools[OF_ACTS] = sums.T.reshape(len(OF_ACTS), acts.people, width)
    np.log1p(pools[_LIKED_OFTEN], out=pools[_LIKED_OFTEN])
    for person, record in enumerate(records):
        for column, place in _said(encoder, preferred_facets(record)):
            pools[_SAID, person, column] = 1.0
            pools[_SAID_FIRST, person, column] = 1.0 / (1.0 + place)
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
