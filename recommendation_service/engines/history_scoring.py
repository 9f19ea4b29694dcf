"""A history network against the startups of one side, without dropout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from recommendation_service.engines.history_network import (
    HistoryNetwork,
    PeopleTensors,
    StartupTensors,
    audience_likeness,
)
from recommendation_service.engines.history_sides import PeopleSide, StartupSide
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


@contextmanager
def evaluating(network: HistoryNetwork) -> Iterator[None]:
    """Without dropout, and afterwards as before."""
    was_training = network.training
    network.eval()
    yield
    network.train(was_training)
