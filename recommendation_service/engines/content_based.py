"""Ranks by what startups say of themselves against what a person asks for and what they liked before.

A facet (category, tag, place, ...) counts by its share of the person's profile and by its rarity, so that a rare city
tells more than a common country; the closeness of the texts is added. Nobody else's behaviour is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from recommendation_service.engines.content_facets import Facet, preferred_facets, startup_facets
from recommendation_service.engines.errors import ConfigError, NotFittedError
from recommendation_service.engines.facet_space import FacetSpace, count_facets
from recommendation_service.engines.facet_table import facets_of
from recommendation_service.engines.liked_startups import liked_histories
from recommendation_service.engines.people_parts import PeopleParts, StartupParts
from recommendation_service.engines.recommender import Contributions, Recommender, Scorer
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

    @classmethod
    def knowing(cls, catalogue: Catalogue) -> Self:
        """An engine for which a facet is as rare as it is among the startups of a catalogue."""
        recommender = cls()
        recommender._counts = facets_of(catalogue).counts()
        recommender._startups = catalogue.startups
        return recommender

    def bind(self, catalogue: Catalogue) -> ContentScorer:
        """Lay out the catalogue's facets and texts, and those of other startups a history may name."""
        if self._startups is None:
            raise NotFittedError("the content-based engine has not learned yet; call fit(data) first")
        others = [startup for startup in self._startups if startup.id not in catalogue.column_of]
        facets = facets_of(catalogue)
        facets_of_others = [startup_facets(startup) for startup in others]
        space = FacetSpace([facets.facets, *facets_of_others], self._counts)
        return ContentScorer(
            catalogue,
            space=space,
            facets=facets.rows(space.column_of, len(space)),
            others=_Others(
                row_of={startup.id: row for row, startup in enumerate(others)},
                facets=space.rows(facets_of_others),
                texts=unit_texts([startup.embedding for startup in others]),
            ),
            config=self.config,
        )

    def extend(self, scorer: Scorer, catalogue: Catalogue) -> Scorer:
        """Lay out what was added behind what is there."""
        if not isinstance(scorer, ContentScorer):
            return self.bind(catalogue)
        return scorer.extended(catalogue, self._counts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Others:
    """Startups outside the catalogue that histories may name, O of them.

    Attributes:
        row_of: Row of each by id.
        facets: float32 [O, V].
        texts: float32 [O, D].
    """

    row_of: Mapping[str, int]
    facets: csr_matrix
    texts: FloatArray

    def without(self, inside: Collection[str], space: FacetSpace) -> _Others:
        """The same in a wider space, without the names of those that are in the catalogue now."""
        row_of = {startup: row for startup, row in self.row_of.items() if startup not in inside}
        return _Others(row_of=row_of, facets=space.widened(self.facets), texts=self.texts)


class ContentScorer(Scorer):
    """Profiles of people against the startups of one catalogue."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        space: FacetSpace,
        facets: csr_matrix,
        others: _Others,
        config: ContentConfig,
    ) -> None:
        """Take over what was laid out.

        Args:
            catalogue: N startups.
            space: V facets.
            facets: float32 [N, V].
            others: What else histories may name.
            config: Weights.
        """
        super().__init__(catalogue)
        self._config = config
        self._space = space
        self._facets = facets
        self._others = others
        self._damped = space.damped(facets)

    def extended(self, catalogue: Catalogue, counts: Mapping[Facet, int]) -> ContentScorer:
        """The same for a catalogue with more startups behind."""
        facets = [startup_facets(startup) for startup in catalogue.startups[len(self.catalogue) :]]
        space = self._space.extended(facets, counts)
        return ContentScorer(
            catalogue,
            space=space,
            facets=vstack([space.widened(self._facets), space.rows(facets)], format="csr"),
            others=self._others.without(catalogue.column_of, space),
            config=self._config,
        )

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; NaN for a person about whom nothing is known that a startup could match."""
        parts = self.people_parts(users)
        scores = self.lists_of(parts)
        scores[~parts.known] = np.nan
        return scores

    def lists_of(self, people: PeopleParts) -> FloatArray:
        """Scores float32 [B, N] from profiles of people, see `ScoresPeople`; the catalogue may know more facets."""
        facets = people.sparse.toarray()
        scores = np.asarray(self._damped[:, : facets.shape[1]] @ facets.T).T
        found: FloatArray = (scores + people.dense @ self.catalogue.texts.T).astype(np.float32)
        return found

    @property
    def people_key(self) -> Hashable:
        """Profiles fit any catalogue that grew from the same one: facets get columns behind, and keep what they had."""
        return self._space.origin

    def people_parts(self, users: Sequence[UserState]) -> PeopleParts:
        """Profiles of people: how much each facet counts, and the direction of their texts, see `ScoresPeople`."""
        liked, liked_others = self._liked(users)
        trust = self._trust_in_history(liked, liked_others)
        facets = csr_matrix(liked @ self._facets + liked_others @ self._others.facets)
        texts = liked @ self.catalogue.texts + liked_others @ self._others.texts
        return PeopleParts(
            dense=self._text_profiles(users, texts, trust), sparse=self._facet_profiles(users, facets, trust)
        )

    def startup_parts(self, column: int) -> StartupParts:
        """What a startup says of itself."""
        return StartupParts(dense=self.catalogue.texts[column], sparse=self._damped[column].toarray()[0])

    def contributions(
        self, user: UserState, columns: npt.NDArray[np.integer], startup_ids: Sequence[str]
    ) -> Contributions:
        """How much of the score of each of K columns each of L past startups of the catalogue makes up.

        A profile is a sum over what was liked, so the contributions of all of it and of what the person says add up to
        the score.
        """
        liked, liked_others = self._liked([user])
        trust = float(self._trust_in_history(liked, liked_others)[0, 0])
        facets = csr_matrix(liked @ self._facets + liked_others @ self._others.facets)
        text = (liked @ self.catalogue.texts + liked_others @ self._others.texts)[0]
        rows = [self.catalogue.column_of[startup_id] for startup_id in startup_ids]
        labels = liked[0, rows].toarray().T
        # What a facet of the sum counts, spread over its parts by their size.
        scale = self._space.shares(facets).multiply(facets.power(-1)).multiply(self._space.rarity)
        by_facet = self._damped[columns] @ csr_matrix(self._facets[rows].multiply(labels).multiply(scale)).T
        by_text = self.catalogue.texts[columns] @ (self.catalogue.texts[rows] * labels).T
        length = max(float(np.linalg.norm(text)), np.finfo(np.float32).tiny)
        parts = trust * (by_facet.toarray() + self._config.text * by_text / length)
        return Contributions(engine=ContentBasedRecommender.name, parts=parts.astype(np.float32))

    def _liked(self, users: Sequence[UserState]) -> tuple[csr_matrix, csr_matrix]:
        """float32 [B, N] and [B, O]: the labels of what each person liked, in the catalogue and outside it."""
        others = self._others
        inside = liked_histories(users, self.catalogue.column_of, width=len(self.catalogue))
        return inside, liked_histories(users, others.row_of, width=others.facets.shape[0])

    def _trust_in_history(self, liked: csr_matrix, liked_others: csr_matrix) -> FloatArray:
        """float32 [B, 1]: how much of each profile is what the person did, as opposed to what they say."""
        acts = np.asarray(liked.sum(axis=1) + liked_others.sum(axis=1), dtype=np.float32)
        acts_and_words = np.maximum(acts + self._config.preference_acts, np.finfo(np.float32).tiny)
        trust: FloatArray = np.divide(acts, acts_and_words, dtype=np.float32)
        return trust

    def _facet_profiles(self, users: Sequence[UserState], liked: csr_matrix, trust: FloatArray) -> csr_matrix:
        """float32 [B, V]: how much each facet counts for each person, given how often they liked it."""
        did = self._space.shares(liked)
        said = self._space.shares(self._space.rows([preferred_facets(user.record) for user in users]))
        profiles = did.multiply(trust) + said.multiply(1 - trust)
        return csr_matrix(profiles.multiply(self._space.rarity))

    def _text_profiles(self, users: Sequence[UserState], liked: FloatArray, trust: FloatArray) -> FloatArray:
        """float32 [B, D]: the direction in which each person's texts point, given the sum of those they liked."""
        did = unit_rows(np.asarray(liked))
        said = unit_texts([user.record.embedding for user in users])
        return (self._config.text * (did * trust + said * (1 - trust))).astype(np.float32)
