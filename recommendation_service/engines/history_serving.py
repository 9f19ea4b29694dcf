"""A history network that stays as it is, against the startups of a catalogue that may grow.

All that can be done once is done: a question costs a dense and a sparse product, and what the person liked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_matrix, hstack, vstack

from recommendation_service.engines.history_contributions import ActParts
from recommendation_service.engines.history_network import HistoryNetwork, PeopleTensors
from recommendation_service.engines.history_people import People
from recommendation_service.engines.history_sides import PeopleSide, StartupFacts
from recommendation_service.engines.history_weights import HistoryWeights
from recommendation_service.engines.people_parts import PeopleParts, StartupParts
from recommendation_service.engines.reached_places import ROUNDING, best_reached
from recommendation_service.engines.retrieval.exact_scores import in_order
from recommendation_service.engines.retrieval.scans import Columns, products
from recommendation_service.engines.selection import bar
from recommendation_service.engines.sparse_rows import entries_of, product, products_of, weighted_sums
from recommendation_service.engines.standing_texts import StandingTexts
from recommendation_service.engines.types import BoolArray, FloatArray

_NOTHING = -np.inf
_CPU = torch.device("cpu")


class HistoryServing:
    """The parts of N startups.

    Attributes:
        weights: Those of the network.
    """

    def __init__(
        self, network: HistoryNetwork, weights: HistoryWeights, *, agreed: csr_matrix, rest: StandingTexts
    ) -> None:
        """Take over parts.

        Args:
            network: Without dropout; it does not change any more.
            weights: Those of the network.
            agreed: float32 [N, V + A + 2], how much each facet of a startup counts, its audience, and `rest.beside`.
            rest: Text and standing of each.
        """
        self._network = network
        self.weights = weights
        self._agreed = agreed
        self._rest = rest
        self._facets = len(network.kind_of)

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
        agreed, standing = _parts(network, startups)
        rest = StandingTexts(texts, standing, mean=mean_text)
        agreed = hstack([agreed, rest.beside], format="csr")
        return cls(network, HistoryWeights.of(network), agreed=agreed, rest=rest)

    def extended(self, startups: StartupFacts, texts: FloatArray) -> HistoryServing:
        """The same with more startups behind, and the texts of all."""
        agreed, standing = _parts(self._network, startups)
        rest = self._rest.extended(texts, standing)
        agreed = hstack([agreed, rest.beside[len(self) :]], format="csr")
        return HistoryServing(
            self._network, self.weights, agreed=vstack([self._agreed, agreed], format="csr"), rest=rest
        )

    def __len__(self) -> int:
        """N."""
        return len(self._rest)

    def startup_vectors(self) -> FloatArray:
        """float32 [N, V + T + 1]: what the startups are, a wide table."""
        return np.concatenate(
            [self._agreed[:, : self._facets].toarray(), self._rest.rows(np.arange(len(self)))], axis=1
        )

    @torch.inference_mode()
    def user_vectors(self, people: PeopleSide) -> FloatArray:
        """float32 [B, V + T + 1]: what people look for."""
        vectors: FloatArray = self._network.user_vectors(_tensors(people)).numpy()
        return vectors

    def scores(self, people: People, audience: csr_matrix) -> FloatArray:
        """float32 [B, N]; `audience` float32 [R + 1, A] is that of every startup that was acted on."""
        of_texts, others = self._asked(people, audience)
        scores = products(of_texts, self._rest.texts)
        scores += _transposed(others)
        return scores

    def best_of(
        self, people: People, audience: csr_matrix, k: int, allowed: Sequence[BoolArray | None]
    ) -> list[tuple[Columns, FloatArray]]:
        """For each of B people the best `k` columns and their scores, those of `scores`, in less time.

        Texts are the most of it, and mostly can be ruled out. Where they cannot, a glance at all of them tells which
        startups may be among the best.
        """
        of_texts, others = self._asked(people, audience)
        for person, mask in enumerate(allowed):
            if mask is not None:
                others[(~mask).nonzero()[0], person] = _NOTHING
        found = best_reached(self._rest.texts, self._rest.reach, of_texts, others, k)
        return list(self._best_looked(of_texts, others, k)) if found is None else found

    def _best_looked(self, of_texts: FloatArray, others: FloatArray, k: int) -> Iterator[tuple[Columns, FloatArray]]:
        looked, bounds = self._rest.look(of_texts)
        for asked, values, beside, bound in zip(of_texts, looked, _transposed(others), bounds.tolist(), strict=True):
            values += beside
            values[np.isnan(values)] = _NOTHING
            highest, least = float(values.max(initial=0)), bar(values, k)
            slack = 2 * (bound + ROUNDING * max(highest, -least))
            columns = np.flatnonzero(values >= least - slack if least > _NOTHING else values > _NOTHING)
            yield in_order(self._rest.texts[columns] @ asked + beside[columns], columns, k)

    def _asked(self, people: People, audience: csr_matrix) -> tuple[FloatArray, FloatArray]:
        """What is multiplied with uncentred texts, float32 [B, T], and the scores without them, float32 [N, B]."""
        wanted, rest, alike = self.weights.parts_of(people)
        liking = np.vecdot(alike[people.person], people.likeness.T)
        liked = weighted_sums(audience, people.startups % audience.shape[0], liking, people.person, len(wanted))
        of_texts, of_beside = self._rest.parted(rest)
        return of_texts, product(self._agreed, np.concatenate([wanted, liked, of_beside], axis=1).T)

    def contributions(self, columns: npt.NDArray[np.integer], parts: ActParts) -> FloatArray:
        """float32 [K, L]: how much of the scores of K startups each of L acts makes up."""
        agreeing = products_of(
            entries_of(self._agreed, columns),
            parts.agreeing,
            shape=(len(columns), len(parts.texts)),
            width=self._agreed.shape[1],
        )
        found: FloatArray = agreeing + self._rest.rows(columns)[:, :-1] @ parts.texts.T
        return found

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
        had, audience_of_it, _ = np.split(self._agreed[column].toarray()[0], [self._facets, -2])
        by_role, alike = self.weights.roles @ had, audience @ audience_of_it
        return StartupParts(dense=self._rest.rows(np.array([column]))[0], sparse=np.concatenate([had, by_role, alike]))

    def lists_of(self, people: PeopleParts, audience: csr_matrix) -> FloatArray:
        """float32 [B, N]: scores from the parts of people, see `people_parts`."""
        facets, by_role = self._facets, self.weights.roles
        own, roles, liked = np.split(np.arange(people.sparse.shape[1]), [facets, facets + len(by_role)])
        wanted = people.sparse[:, own].toarray() + people.sparse[:, roles] @ by_role
        of_texts, of_beside = self._rest.parted(people.dense)
        agreeing = np.concatenate([wanted, (people.sparse[:, liked] @ audience).toarray(), of_beside], axis=1)
        scores = products(of_texts, self._rest.texts)
        scores += _transposed(product(self._agreed, agreeing.T))
        return scores


def _tensors(people: PeopleSide) -> PeopleTensors:
    return PeopleTensors.of(people, slice(0, len(people.roles)), _CPU)


def _transposed(scores: FloatArray) -> FloatArray:
    """float32 [B, N] of float32 [N, B]; torch does it in a tenth of numpy's time."""
    turned: FloatArray = torch.from_numpy(scores).T.contiguous().numpy()
    return turned


@torch.inference_mode()
def _parts(network: HistoryNetwork, startups: StartupFacts) -> tuple[csr_matrix, FloatArray]:
    """How much each facet counts beside the audience, float32 [N, V + A], and how each startup stands, float32 [N]."""
    facets = startups.facets
    columns, counts = torch.from_numpy(facets.indices), torch.from_numpy(facets.data)
    had = csr_matrix((network.facet_worth(columns.long(), counts).numpy(), facets.indices, facets.indptr), facets.shape)
    standing = network.standing(torch.from_numpy(startups.numbers), torch.from_numpy(startups.known))
    return hstack([had, startups.audience], format="csr"), standing.numpy()
