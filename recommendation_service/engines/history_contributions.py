"""How much of a history network's scores each act makes up.

How much a pool counts depends on all that a person did (the gates); with that as it is, what the person looks for is a
sum over acts, and so is the score. The logarithm of how often a facet was liked is spread over those likes by their
size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.history_people import AUDIENCES, OF_ACTS, TEXTS
from recommendation_service.engines.history_pools import act_shares, gates_of
from recommendation_service.engines.history_weights import HistoryWeights
from recommendation_service.engines.known_startups import KnownStartups
from recommendation_service.engines.sparse_rows import Entries, entries_of
from recommendation_service.engines.types import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActParts:
    """What each of L acts makes a person look for; its products with what a startup is are parts of the score.

    Attributes:
        agreeing: Entries [L, V + A], how much of each facet, and whose liking.
        texts: float32 [L, T], of centred texts.
    """

    agreeing: Entries
    texts: FloatArray

    @classmethod
    def of(
        cls,
        weights: HistoryWeights,
        acts: ActTable,
        chosen: BoolArray,
        known: KnownStartups,
        audience: csr_matrix,
        *,
        half_life_days: float,
    ) -> ActParts:
        """Take one person's history apart.

        Args:
            weights: Of the network.
            acts: E acts of one person.
            chosen: bool [E], which of them are looked at, L in all.
            known: The startups that they name.
            audience: float32 [R + 1, A], that of every startup that was acted on, empty for the last.
            half_life_days: After so many days a label counts half among the recent ones.
        """
        gates: FloatArray = gates_of(acts) - weights.gates_mean
        shares = act_shares(acts, half_life_days=half_life_days)
        worth: FloatArray = (gates @ weights.facets[OF_ACTS])[:, 0]
        act, columns, wanted = _facets(worth, acts, chosen, shares, known)
        shares, startups = shares[:, chosen], acts.startup[chosen]
        fan, people, liking = entries_of(audience, known.acted_on[startups] % audience.shape[0])
        alike: FloatArray = (gates @ weights.audiences @ shares[AUDIENCES])[0]
        told: FloatArray = (gates @ weights.texts[:, : len(TEXTS)] @ shares[TEXTS])[0]
        return cls(
            agreeing=(
                np.concatenate([act, fan]),
                np.concatenate([columns, worth.shape[1] + people]),
                np.concatenate([wanted, alike[fan] * liking]),
            ),
            texts=told[:, None] * known.texts[startups],
        )


def _facets(worth: FloatArray, acts: ActTable, chosen: BoolArray, shares: FloatArray, known: KnownStartups) -> Entries:
    """Entries [L, V]: how much of each facet each chosen act makes a person want.

    Args:
        worth: float32 [6, V], what a facet counts in each of POOLS, and among those liked often.
        acts: E acts of one person.
        chosen: bool [E].
        shares: float32 [5, E], how much each act counts in each of POOLS.
        known: The startups that they name.
    """
    act, columns, counts = known.facet_entries(acts.startup, acts.time)
    parts = 1.0 / np.sqrt(counts)
    often = np.bincount(columns, weights=acts.label[act] * parts, minlength=worth.shape[1])
    damping = np.divide(np.log1p(often), often, out=np.zeros(len(often)), where=often > 0)
    kept = np.flatnonzero(chosen[act])
    act, columns = act[kept], columns[kept]
    weights = np.concatenate([worth[:-1], worth[-1:] * damping]).take(columns, axis=1)
    counted = np.concatenate([shares, acts.label[None]]).take(act, axis=1)
    place = np.cumsum(chosen) - 1
    return place[act], columns, (weights * counted).sum(axis=0) * parts[kept]
