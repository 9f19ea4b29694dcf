"""What a history network has learned about people, folded into as few products as answer a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch

from recommendation_service.engines.history_network import TEXT_STEP, HistoryNetwork
from recommendation_service.engines.history_people import People
from recommendation_service.engines.types import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HistoryWeights:
    """A network that stays as it is; its `parts_of_people`, for arrays.

    Attributes:
        gates_mean: float32 [G].
        facets: float32 [P, G, V], what a facet in a pool is worth for each gate.
        roles: float32 [roles + 1, V], how much each role wants each facet; the last is for a role never seen.
        texts: float32 [G, 3], what the text of a pool is worth.
        audiences: float32 [G, 2], what the likeness of a pool's audience is worth.
    """

    gates_mean: FloatArray
    facets: FloatArray
    roles: FloatArray
    texts: FloatArray
    audiences: FloatArray

    @classmethod
    @torch.inference_mode()
    def of(cls, network: HistoryNetwork) -> Self:
        """Fold a network."""
        by_facet = network.pool_weight[:, network.kind_of] * (network.rarity * network.facet_weight.exp()[0])[:, None]
        return cls(
            gates_mean=network.gates_mean.numpy(),
            facets=by_facet.transpose(1, 2).contiguous().numpy(),
            roles=network.role_weight.numpy(),
            texts=(TEXT_STEP * network.text_weight).T.contiguous().numpy(),
            audiences=(network.audience_weight / network.audience_deviation[:, None]).T.contiguous().numpy(),
        )

    def parts_of(self, people: People) -> tuple[FloatArray, FloatArray, FloatArray]:
        """How much they want each facet [B, V], their text and 1 [B, T + 1], what likeness is worth to them [B, 2]."""
        gates: FloatArray = people.gates - self.gates_mean
        wanted = self.roles[people.roles]
        for worth, pool in zip(self.facets, people.facets, strict=True):
            wanted += (gates @ worth) * pool
        text = np.zeros((len(gates), people.texts.shape[2] + 1), dtype=np.float32)
        for weight, texts in zip((gates @ self.texts).T, people.texts, strict=True):
            text[:, :-1] += weight[:, None] * texts
        text[:, -1] = 1
        alike: FloatArray = gates @ self.audiences
        return wanted, text, alike
