"""A history network that stays as it is, against the startups of a catalogue that may grow.

All that can be done once is done: a question costs a dense and a sparse product, and what the person liked.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.sparse import csr_matrix, hstack, vstack

from recommendation_service.engines.history_network import HistoryNetwork, PeopleTensors
from recommendation_service.engines.history_person import Person
from recommendation_service.engines.history_sides import PeopleSide, StartupFacts
from recommendation_service.engines.people_parts import PeopleParts, StartupParts
from recommendation_service.engines.retrieval.exact_scores import in_order
from recommendation_service.engines.retrieval.scans import Columns
from recommendation_service.engines.selection import best_columns, keep_allowed
from recommendation_service.engines.sparse_rows import weighted_sum
from recommendation_service.engines.standing_texts import StandingTexts
from recommendation_service.engines.types import BoolArray, FloatArray

_ROUNDING = 1e-5
"""Of sums of float32 products, in parts of their size."""
_CPU = torch.device("cpu")


class HistoryServing:
    """The parts of N startups."""

    def __init__(
        self,
        network: HistoryNetwork,
        *,
        facets: csr_matrix,
        rest: StandingTexts,
        audience: csr_matrix,
    ) -> None:
        """Take over parts.

        Args:
            network: Without dropout; it does not change any more.
            facets: float32 [N, V], how much each facet of a startup counts.
            rest: Text and standing of each.
            audience: float32 [A, N], the audience of each startup.
        """
        self._network = network
        self._facets = facets
        self._rest = rest
        self._audience = audience

    @classmethod
    def of(
        cls, network: HistoryNetwork, startups: StartupFacts, texts: FloatArray, mean_text: FloatArray
    ) -> HistoryServing:
        """The parts of N startups.

        Args:
            network: Without dropout.
            startups: What is known of them.
            texts: float32 [N, T] of unit length, zeros where there is none.
            mean_text: float32 [T], what texts are centred by.
        """
        facets, standing = _parts(network, startups)
        rest = StandingTexts(texts, standing, mean=mean_text)
        return cls(network, facets=facets, rest=rest, audience=csr_matrix(startups.audience.T))

    def extended(self, startups: StartupFacts, texts: FloatArray) -> HistoryServing:
        """The same with more startups behind, and the texts of all."""
        facets, standing = _parts(self._network, startups)
        return HistoryServing(
            self._network,
            facets=vstack([self._facets, facets], format="csr"),
            rest=self._rest.extended(texts, standing),
            audience=hstack([self._audience, startups.audience.T], format="csr"),
        )

    def __len__(self) -> int:
        """N."""
        return len(self._rest)

    def startup_vectors(self) -> FloatArray:
        """float32 [N, V + T + 1]: what the startups are, a wide table."""
        return np.concatenate([self._facets.toarray(), self._rest.rows(np.arange(len(self)))], axis=1)

    @torch.inference_mode()
    def user_vectors(self, people: PeopleSide) -> FloatArray:
        """float32 [B, V + T + 1]: what people look for."""
        vectors: FloatArray = self._network.user_vectors(_tensors(people)).numpy()
        return vectors

    @torch.inference_mode()
    def scores(self, people: PeopleSide) -> FloatArray:
        """float32 [B, N] for all the people."""
        wanted, rest, alike = (part.numpy() for part in self._network.parts_of_people(_tensors(people)))
        scores = self._rest.products(rest)
        scores += (self._facets @ wanted.T).T
        for weights, pool in zip(alike, people.audience, strict=True):
            likeness = (pool @ self._audience).tocoo()
            scores[likeness.row, likeness.col] += weights[likeness.row] * likeness.data
        return scores

    def scores_of(self, person: Person, audience: csr_matrix) -> FloatArray:
        """float32 [N] for one person; `audience` float32 [R + 1, A] is that of every startup that was acted on."""
        rest, others = self._asked(person, audience)
        scores: FloatArray = self._rest.products(rest[None, :])[0]
        scores += others
        return scores

    def best_of(
        self, person: Person, audience: csr_matrix, k: int, allowed: BoolArray | None
    ) -> tuple[Columns, FloatArray]:
        """The best `k` columns for one person and their scores, those of `scores_of`, in less time.

        Texts are the most of it. A glance at them tells which startups may be among the best.
        """
        rest, others = self._asked(person, audience)
        values, bound = self._rest.look(rest)
        values += others
        values[np.isnan(values)] = -np.inf
        if allowed is not None:
            keep_allowed(values, allowed)
        columns = best_columns(values, k)
        if len(columns) == k:
            least = float((self._rest.product(rest, columns) + others[columns]).min())
            slack = _ROUNDING * float(np.abs(values[columns]).max()) + bound
            columns = np.flatnonzero(values >= least - slack)
        return in_order(self._rest.product(rest, columns) + others[columns], columns, k)

    @torch.inference_mode()
    def _asked(self, person: Person, audience: csr_matrix) -> tuple[FloatArray, FloatArray]:
        """What is multiplied with texts, float32 [T + 1], and the scores without them, float32 [N]."""
        wanted, rest, alike = (part.numpy() for part in self._network.parts_of_people(person.tensors))
        scores: FloatArray = self._facets @ wanted[0]
        liked_by = weighted_sum(audience, person.startups % audience.shape[0], alike[:, 0] @ person.likeness)
        members = np.flatnonzero(liked_by)
        scores += weighted_sum(self._audience, members, liked_by[members])
        return rest[0], scores

    @torch.inference_mode()
    def people_parts(self, people: PeopleSide, liked: Sequence[csr_matrix]) -> PeopleParts:
        """Parts of people whose products with `startup_parts` are their scores.

        Sparse are how much a person wants each facet, their role (which wants facets of its own), and how much they
        liked each startup that was acted on: a likeness of audiences adds up over the startups that a person liked.

        Args:
            people: B people.
            liked: float32 [B, R + 1] for each pool of audiences, weights of startups that were acted on.
        """
        tensors = _tensors(people)
        wanted, rest, alike = self._network.parts_of_people(tensors)
        by_role = self._network.role_weight
        roles = np.where(people.roles >= 0, people.roles, len(by_role) - 1)
        own = csr_matrix((wanted - by_role[tensors.roles]).numpy())
        ones = np.ones(len(roles), dtype=np.float32)
        role = csr_matrix((ones, (np.arange(len(roles)), roles)), shape=(len(roles), len(by_role)))
        weighed = (table.multiply(weight[:, None]) for table, weight in zip(liked, alike.numpy(), strict=True))
        return PeopleParts(dense=rest.numpy(), sparse=hstack([own, role, sum(weighed)], format="csr"))

    def startup_parts(self, column: int, audience: csr_matrix) -> StartupParts:
        """Parts of a startup; `audience` float32 [R + 1, A] is that of every startup that was acted on."""
        had = self._facets[column].toarray()[0]
        by_role: FloatArray = self._network.role_weight.detach().numpy() @ had
        alike = (audience @ self._audience[:, column]).toarray()[:, 0]
        return StartupParts(dense=self._rest.rows(np.array([column]))[0], sparse=np.concatenate([had, by_role, alike]))

    def lists_of(self, people: PeopleParts, audience: csr_matrix) -> FloatArray:
        """float32 [B, N]: scores from the parts of people, see `people_parts`."""
        facets, by_role = self._facets.shape[1], self._network.role_weight.detach().numpy()
        own, roles, liked = np.split(np.arange(people.sparse.shape[1]), [facets, facets + len(by_role)])
        wanted = people.sparse[:, own].toarray() + people.sparse[:, roles] @ by_role
        scores = self._rest.products(people.dense)
        scores += (self._facets @ wanted.T).T
        likeness = ((people.sparse[:, liked] @ audience) @ self._audience).tocoo()
        np.add.at(scores, (likeness.row, likeness.col), likeness.data)
        return scores


def _tensors(people: PeopleSide) -> PeopleTensors:
    return PeopleTensors.of(people, slice(0, len(people.roles)), _CPU)


@torch.inference_mode()
def _parts(network: HistoryNetwork, startups: StartupFacts) -> tuple[csr_matrix, FloatArray]:
    """How much each facet counts, float32 [N, V], and how each startup stands, float32 [N]."""
    facets = startups.facets
    columns, counts = torch.from_numpy(facets.indices), torch.from_numpy(facets.data)
    had = network.facet_worth(columns.long(), counts).numpy()
    standing = network.standing(torch.from_numpy(startups.numbers), torch.from_numpy(startups.known))
    return csr_matrix((had, facets.indices, facets.indptr), shape=facets.shape), standing.numpy()
