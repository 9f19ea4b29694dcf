"""A history network against the startups of one side, without dropout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from scipy.sparse import csr_matrix, hstack

from recommendation_service.engines.history_network import (
    HistoryNetwork,
    PeopleTensors,
    StartupTensors,
    audience_likeness,
)
from recommendation_service.engines.history_sides import PeopleSide, StartupSide
from recommendation_service.engines.people_parts import PeopleParts, StartupParts
from recommendation_service.engines.retrieval.scans import products
from recommendation_service.engines.types import FloatArray

_PEOPLE_AT_ONCE = 512


class SideScoring:
    """Startups as of a moment, ready to be scored for people as of it."""

    def __init__(self, network: HistoryNetwork, startups: StartupSide, device: torch.device | None = None) -> None:
        """Take over the startups.

        Args:
            network: As it will be at the time of asking.
            startups: N of them.
            device: Of the network.
        """
        self._network = network
        self._side = startups
        self._device = device or torch.device("cpu")
        self._startups = StartupTensors.of(startups, self._device)

    @torch.inference_mode()
    def scores(self, people: PeopleSide, rows: slice) -> FloatArray:
        """float32 [B, N] for a run of the people."""
        with evaluating(self._network):
            likeness = audience_likeness(people, rows, self._side, self._device)
            scores = self._network.score(PeopleTensors.of(people, rows, self._device), self._startups, likeness)
        found: FloatArray = scores.cpu().numpy()
        return found

    def settled(self) -> SettledScoring:
        """The same startups for a network that will not change any more, with all done that can be done once."""
        return SettledScoring(self._network, self._side, self._startups)

    @torch.inference_mode()
    def startup_vectors(self) -> FloatArray:
        """float32 [N, D]: what the startups are."""
        with evaluating(self._network):
            vectors: FloatArray = self._network.startup_vectors(self._startups).cpu().numpy()
        return vectors

    @torch.inference_mode()
    def user_vectors(self, people: PeopleSide) -> FloatArray:
        """float32 [B, D]: what people look for, some hundred at a time."""
        starts = range(0, max(len(people.roles), 1), _PEOPLE_AT_ONCE)
        blocks = []
        for start in starts:
            run = PeopleTensors.of(people, slice(start, start + _PEOPLE_AT_ONCE), self._device)
            blocks.append(self._network.user_vectors(run).cpu().numpy())
        vectors: FloatArray = np.concatenate(blocks)
        return vectors


class SettledScoring:
    """Startups scored by a network that stays as it is: a sparse and a dense product for each question, no more."""

    @torch.inference_mode()
    def __init__(self, network: HistoryNetwork, side: StartupSide, startups: StartupTensors) -> None:
        """Take the parts of N startups; `startups` are those of the side, on the CPU."""
        self._network = network
        had, rest = network.parts_of_startups(startups)
        facets = side.facets
        self._facets = csr_matrix((had.numpy(), facets.indices, facets.indptr), shape=facets.shape)
        self._rest: FloatArray = rest.numpy()
        self._audience = csr_matrix(side.audience.T)

    @torch.inference_mode()
    def scores(self, people: PeopleSide) -> FloatArray:
        """float32 [B, N] for all the people."""
        every = slice(0, len(people.roles))
        parts = self._network.parts_of_people(PeopleTensors.of(people, every, torch.device("cpu")))
        wanted, rest, alike = (part.numpy() for part in parts)
        scores = products(rest, self._rest)
        scores += (self._facets @ wanted.T).T
        for weights, pool in zip(alike, people.audience, strict=True):
            likeness = (pool @ self._audience).tocoo()
            scores[likeness.row, likeness.col] += weights[likeness.row] * likeness.data
        return scores

    @torch.inference_mode()
    def people_parts(self, people: PeopleSide, liked: Sequence[csr_matrix]) -> PeopleParts:
        """Parts of people whose products with `startup_parts` are their scores.

        Sparse are how much a person wants each facet, their role (which wants facets of its own), and how much they
        liked each startup that was acted on: a likeness of audiences adds up over the startups that a person liked.

        Args:
            people: B people.
            liked: float32 [B, R] for each pool of audiences, weights of startups that were acted on.
        """
        every = slice(0, len(people.roles))
        tensors = PeopleTensors.of(people, every, torch.device("cpu"))
        wanted, rest, alike = self._network.parts_of_people(tensors)
        by_role = self._network.role_weight
        roles = np.where(people.roles >= 0, people.roles, len(by_role) - 1)
        own = csr_matrix((wanted - by_role[tensors.roles]).numpy())
        ones = np.ones(len(roles), dtype=np.float32)
        role = csr_matrix((ones, (np.arange(len(roles)), roles)), shape=(len(roles), len(by_role)))
        weighed = (table.multiply(weight[:, None]) for table, weight in zip(liked, alike.numpy(), strict=True))
        return PeopleParts(dense=rest.numpy(), sparse=hstack([own, role, sum(weighed)], format="csr"))

    def startup_parts(self, column: int, audience: csr_matrix) -> StartupParts:
        """Parts of a startup; `audience` float32 [R, A] is that of every startup that was acted on."""
        had = self._facets[column].toarray()[0]
        by_role: FloatArray = self._network.role_weight.detach().numpy() @ had
        alike = (audience @ self._audience[:, column]).toarray()[:, 0]
        return StartupParts(dense=self._rest[column], sparse=np.concatenate([had, by_role, alike]))


@contextmanager
def evaluating(network: HistoryNetwork) -> Iterator[None]:
    """Without dropout, and afterwards as before."""
    was_training = network.training
    network.eval()
    yield
    network.train(was_training)
