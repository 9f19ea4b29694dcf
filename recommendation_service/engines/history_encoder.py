"""From records and acts to what the history towers look at; one path for training and for serving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix, vstack

from recommendation_service.engines.act_ledger import ActLedger
from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.audience import audience_vectors
from recommendation_service.engines.content_facets import preferred_facets
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.facet_vocabulary import FacetVocabulary
from recommendation_service.engines.history_pools import gates_of, pool_weights
from recommendation_service.engines.history_sides import (
    AUDIENCE_POOLS,
    FACET_POOLS,
    PeopleSide,
    Rows,
    StartupFacts,
    StartupSide,
)
from recommendation_service.engines.known_startups import KnownStartups, centred_texts
from recommendation_service.engines.startup_numbers import startup_numbers
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import Catalogue, FloatArray, StartupRecord, UserRecord

ENCODER_VERSION = 1
"""Raised when the same records, acts and state would give other arrays."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Past:
    """What everybody had done by a moment.

    Attributes:
        ledger: Acts before the moment on the startups that were acted on, R of them.
        audience: float32 [R + 1, A], their audience vectors; the last row, for all other startups, is empty.
    """

    ledger: ActLedger
    audience: csr_matrix

    @classmethod
    def of(cls, ledger: ActLedger, moment: datetime) -> Self:
        """What a ledger tells about a moment."""
        earlier = ledger.before(moment)
        vectors = audience_vectors(earlier)
        nobody = csr_matrix((1, vectors.shape[1]), dtype=np.float32)
        return cls(ledger=earlier, audience=vstack([vectors, nobody], format="csr"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HistoryEncoder:
    """The fitted state.

    Attributes:
        vocabulary: Facets of both sides.
        roles: Roles of people that have a number.
        startup_text: float32 [T], mean text of startups.
        user_text: float32 [T], mean text of people.
        half_life_days: After so many days an act counts half among the recent ones.
    """

    vocabulary: FacetVocabulary
    roles: tuple[str, ...]
    startup_text: FloatArray
    user_text: FloatArray
    half_life_days: float

    def know(
        self,
        records: Sequence[StartupRecord],
        acted_on: Rows,
        catalogue: Catalogue | None = None,
        texts: FloatArray | None = None,
    ) -> KnownStartups:
        """Prepare startups that lists or histories may name, see `KnownStartups.of`."""
        return KnownStartups.of(
            records,
            acted_on,
            vocabulary=self.vocabulary,
            mean_text=self.startup_text,
            catalogue=catalogue,
            texts=texts,
        )

    def startups(self, known: KnownStartups, rows: Rows, past: Past, as_of: datetime) -> StartupSide:
        """Some known startups (int64 [N]) as of a moment."""
        facts = self.facts(known, rows, past, as_of)
        return StartupSide(
            facets=facts.facets,
            texts=known.texts[rows],
            numbers=facts.numbers,
            audience=facts.audience,
            known=facts.known,
        )

    def facts(self, known: KnownStartups, rows: Rows, past: Past, as_of: datetime) -> StartupFacts:
        """What `startups` holds but the texts.

        A startup that nobody had acted on by then is not known by name: what is particular to it was learned from later
        acts, and whatever is new when a list is made has nothing of the kind.
        """
        acted_on = known.acted_on[rows]
        numbers = startup_numbers(
            [known.records[row] for row in rows.tolist()],
            acted_on,
            past.ledger,
            as_of=as_of,
            half_life_days=self.half_life_days,
        )
        return StartupFacts(
            facets=known.facets(rows, np.full(len(rows), to_microseconds(as_of))),
            numbers=numbers,
            audience=past.audience[acted_on],
            known=np.where(past.ledger.acted_on[acted_on], acted_on, -1),
        )

    def people(self, records: Sequence[UserRecord], acts: ActTable, known: KnownStartups, past: Past) -> PeopleSide:
        """People with what they did, startups of which are among the known ones."""
        weights = pool_weights(acts, half_life_days=self.half_life_days)
        texts = known.texts[acts.startup]
        audience = past.audience[known.acted_on[acts.startup]]
        own = centred_texts(records, self.user_text)
        facets = self._did(acts, weights, known) | self._said(records)
        return PeopleSide(
            facets=tuple(facets[pool] for pool in FACET_POOLS),
            texts=np.stack([weights["liked"] @ texts, weights["recent"] @ texts, own]),
            audience=tuple(csr_matrix(weights[pool] @ audience) for pool in AUDIENCE_POOLS),
            gates=gates_of(acts),
            roles=self.roles_of(records),
        )

    def liked_startups(self, acts: ActTable, known: KnownStartups, past: Past) -> list[csr_matrix]:
        """float32 [B, R + 1] for each of AUDIENCE_POOLS: weights of the rows of `past.audience`, that of `people`."""
        weights = pool_weights(acts, half_life_days=self.half_life_days)
        count = past.audience.shape[0]
        rows = known.acted_on[acts.startup] % count
        ones = np.ones(len(rows), dtype=np.float32)
        startups = csr_matrix((ones, (np.arange(len(rows)), rows)), shape=(len(rows), count))
        return [csr_matrix(weights[pool] @ startups) for pool in AUDIENCE_POOLS]

    def _did(self, acts: ActTable, weights: Mapping[str, csr_matrix], known: KnownStartups) -> dict[str, csr_matrix]:
        """Pools of the facets that startups had when the person acted on them."""
        facets = known.facets(acts.startup, acts.time)
        facets.data = 1.0 / np.sqrt(facets.data)
        labels = csr_matrix((acts.label, np.arange(len(acts.label)), acts.starts), shape=(acts.people, len(acts.label)))
        pools = {pool: csr_matrix(table @ facets) for pool, table in weights.items()}
        return pools | {"liked_often": csr_matrix(labels @ facets).log1p()}

    def _said(self, records: Sequence[UserRecord]) -> dict[str, csr_matrix]:
        """Pools of the facets that people ask for; `said_first` counts those that a person names first."""
        facets = [preferred_facets(record) for record in records]
        return {"said": self.vocabulary.rows(facets), "said_first": self.vocabulary.ranked_rows(facets)}

    def roles_of(self, records: Sequence[UserRecord]) -> Rows:
        """int64 [B]: number of each person's role, -1 for one never seen."""
        known = {role: number for number, role in enumerate(self.roles)}
        return np.array([known.get(record.role, -1) for record in records], dtype=np.int64)

    def to_dict(self) -> dict[str, Any]:
        """The fitted state as JSON data."""
        return {
            "version": ENCODER_VERSION,
            "facets": [list(facet) for facet in self.vocabulary.facets],
            "roles": list(self.roles),
            "startup_text": self.startup_text.tolist(),
            "user_text": self.user_text.tolist(),
            "half_life_days": self.half_life_days,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The encoder that `to_dict` described.

        Raises:
            ModelFileError: If the state is not one that this code understands.
        """
        if state.get("version") != ENCODER_VERSION or "facets" not in state:
            raise ModelFileError(
                f"history feature version {state.get('version')!r} is not {ENCODER_VERSION}; train a new model"
            )
        try:
            return cls(
                vocabulary=FacetVocabulary([(kind, value) for kind, value in state["facets"]]),
                roles=tuple(state["roles"]),
                startup_text=np.array(state["startup_text"], dtype=np.float32),
                user_text=np.array(state["user_text"], dtype=np.float32),
                half_life_days=state["half_life_days"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"the history feature state is incomplete or damaged: {error!r}") from error
