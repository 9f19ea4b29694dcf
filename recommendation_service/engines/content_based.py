"""Ranks by what startups say of themselves against what a person asks for and what they liked before.

A facet (category, tag, place, ...) counts by its share of the person's profile and by its rarity, so that a rare city
tells more than a common country; the closeness of the texts is added. Nobody else's behaviour is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommendation_service.engines.content_facets import Facet, preferred_facets, startup_facets
from recommendation_service.engines.errors import ConfigError, NotFittedError
from recommendation_service.engines.facet_space import FacetSpace, count_facets
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, StartupRecord, TrainingData, UserState
from recommendation_service.engines.unit_rows import unit_rows, unit_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentConfig:
    """How the parts of a profile are weighed; both at least 0.

    Attributes:
        preference_acts: What a person says of themselves counts as much as this many startups liked: it is all there
            is of a newcomer, and fades behind what they do.
        text: What equal texts are worth, in the unit of facets (a shared value that one in e^n has is worth n).
    """

    preference_acts: float = 2.0
    text: float = 5.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (np.isfinite(value) and value >= 0):
                raise ConfigError(f"content setting {field.name} must be at least 0, got {value}")


class ContentBasedRecommender(Recommender):
    """Knows every startup by its record, so it serves new people and new startups alike."""

    name: ClassVar[str] = "content_based"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, config: ContentConfig | None = None) -> None:
        self.config = config or ContentConfig()
        self._startups: Sequence[StartupRecord] | None = None
        self._counts: dict[Facet, int] = {}

    def fit(self, data: TrainingData) -> Self:
        """Learn how common each facet is among the startups of the rows, and remember all startups for histories."""
        facets = [startup_facets(startup) for startup in data.startups]
        self._counts = count_facets(facets, np.unique(data.interactions.startup))
        self._startups = data.startups
        return self

    def bind(self, catalogue: Catalogue) -> ContentScorer:
        """Lay out the catalogue's facets and texts, and those of other startups a history may name."""
        if self._startups is None:
            raise NotFittedError("the content-based engine has not learned yet; call fit(data) first")
        others = [startup for startup in self._startups if startup.id not in catalogue.index_of]
        return ContentScorer(catalogue, others=others, counts=self._counts, config=self.config)


class ContentScorer(Scorer):
    """Profiles of people against the startups of one catalogue."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        others: Sequence[StartupRecord],
        counts: dict[Facet, int],
        config: ContentConfig,
    ) -> None:
        super().__init__(catalogue)
        known = [*catalogue.startups, *others]
        facets = [startup_facets(startup) for startup in known]
        self._config = config
        self._row_of = {startup.id: row for row, startup in enumerate(known)}
        self._space = FacetSpace(facets, counts)
        self._facets = self._space.rows(facets)
        self._texts = unit_texts([startup.embedding for startup in known])
        self._catalogue_facets = self._space.damped(self._facets[: len(catalogue)])

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; NaN for a person about whom nothing is known that a startup could match."""
        liked = self._liked(users)
        trust = self._trust_in_history(liked)
        profiles = self._facet_profiles(users, liked, trust)
        texts = self._text_profiles(users, liked, trust)
        scores = np.asarray(self._catalogue_facets @ profiles.T.toarray()).T
        scores = scores + texts @ self._texts[: len(self.catalogue)].T
        unknown = (np.diff(profiles.indptr) == 0) & ~texts.any(axis=1)
        scores[unknown] = np.nan
        found: FloatArray = scores.astype(np.float32)
        return found

    def _liked(self, users: Sequence[UserState]) -> csr_matrix:
        """float32 [B, S]: the labels of what each person liked, over the known startups."""
        entries = [
            (row, self._row_of[item.startup_id], item.label)
            for row, user in enumerate(users)
            for item in user.history
            if item.label > 0 and item.startup_id in self._row_of
        ]
        rows, columns, labels = np.array(entries, dtype=np.float64).reshape(-1, 3).T
        places = (rows.astype(np.int64), columns.astype(np.int64))
        return csr_matrix((labels.astype(np.float32), places), shape=(len(users), len(self._row_of)))

    def _trust_in_history(self, liked: csr_matrix) -> FloatArray:
        """float32 [B, 1]: how much of each profile is what the person did, as opposed to what they say."""
        acts = np.asarray(liked.sum(axis=1), dtype=np.float32)
        acts_and_words = np.maximum(acts + self._config.preference_acts, np.finfo(np.float32).tiny)
        trust: FloatArray = np.divide(acts, acts_and_words, dtype=np.float32)
        return trust

    def _facet_profiles(self, users: Sequence[UserState], liked: csr_matrix, trust: FloatArray) -> csr_matrix:
        """float32 [B, V]: how much each facet counts for each person."""
        did = self._space.shares(liked @ self._facets)
        said = self._space.shares(self._space.rows([preferred_facets(user.record) for user in users]))
        profiles = did.multiply(trust) + said.multiply(1 - trust)
        return csr_matrix(profiles.multiply(self._space.rarity))

    def _text_profiles(self, users: Sequence[UserState], liked: csr_matrix, trust: FloatArray) -> FloatArray:
        """float32 [B, D]: the direction in which each person's texts point."""
        did = unit_rows(np.asarray(liked @ self._texts))
        said = unit_texts([user.record.embedding for user in users])
        return (self._config.text * (did * trust + said * (1 - trust))).astype(np.float32)
