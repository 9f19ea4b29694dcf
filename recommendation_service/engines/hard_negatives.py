"""Negatives that the current model ranks high: the startups a person would be shown, less what they like.

Source: Xiong et al. 2021, "Approximate Nearest Neighbor Negative Contrastive Learning for Dense Text Retrieval"
(negatives from the model itself, refreshed now and then; here with every epoch).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from recommendation_service.engines.negative_sampling import Drawn
from recommendation_service.engines.training_config import NegativesConfig


class HardNegatives:
    """Draws from the top of each person's ranking, as the model has it that these vectors came from."""

    def __init__(
        self, config: NegativesConfig, *, user_vectors: Tensor, startup_vectors: Tensor, content: Tensor
    ) -> None:
        """Take over a model's vectors.

        Args:
            config: How many are drawn, and from how many.
            user_vectors: float32 [U, D].
            startup_vectors: float32 [S, D].
            content: float32 [S, F], by whose cosine two startups are near-duplicates.
        """
        self._config = config
        self._user_vectors = user_vectors
        self._startup_vectors = startup_vectors
        self._content = F.normalize(content, dim=1)

    def draw(self, users: Tensor, *, excluded: Tensor, row: Tensor, liked: Tensor, generator: torch.Generator) -> Drawn:
        """`config.hard` startups for each person, without repetition, or as many as are left.

        Args:
            users: int64 [B].
            excluded: bool [B, S], what is no negative of the person.
            row: int64 [P], person of each positive of the batch, into B.
            liked: int64 [P], its startup.
            generator: On the CPU.
        """
        pool, is_valid = self._pool(users, excluded)
        is_valid &= ~self._near_duplicates(pool, row, liked)
        key = torch.rand(pool.shape, generator=generator).to(pool.device).masked_fill(~is_valid, -1.0)
        best, place = key.topk(min(self._config.hard, pool.shape[1]), dim=1)
        return Drawn(startups=pool.gather(1, place)[best >= 0], log_missing=self._log_missing(pool, is_valid))

    def _pool(self, users: Tensor, excluded: Tensor) -> tuple[Tensor, Tensor]:
        """The best startups [B, M] of each person, and whether each of them may be drawn."""
        scores = self._user_vectors[users] @ self._startup_vectors.T
        best, pool = scores.masked_fill_(excluded, float("-inf")).topk(
            min(self._config.hard_pool, scores.shape[1]), dim=1
        )
        return pool, torch.isfinite(best)

    def _near_duplicates(self, pool: Tensor, row: Tensor, liked: Tensor) -> Tensor:
        """bool [B, M]: candidates that are nearly the same as a startup that their person likes in this batch."""
        likes, like = torch.unique(liked, return_inverse=True)
        candidates, candidate = torch.unique(pool, return_inverse=True)
        is_near = self._content[likes] @ self._content[candidates].T > self._config.duplicate_above
        found = torch.zeros(pool.shape, dtype=torch.int32, device=pool.device)
        return found.index_add(0, row, is_near[like[:, None], candidate[row]].int()) > 0

    def _log_missing(self, pool: Tensor, is_valid: Tensor) -> Tensor:
        """float64 [S]: each person draws each of their candidates with the same probability."""
        share = (self._config.hard / is_valid.sum(dim=1).clamp(min=1)).clamp(max=1.0).double()
        log_not = torch.log1p(-share)[:, None].expand(pool.shape)
        total = torch.zeros(len(self._startup_vectors), dtype=torch.float64, device=pool.device)
        return total.index_add(0, pool[is_valid], log_not[is_valid])
