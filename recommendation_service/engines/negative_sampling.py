"""Startups drawn as negatives: from which distribution, and how likely each was to be drawn.

Shapes: S startups of the training data. Draws that do not depend on each other multiply the probabilities of missing a
startup, so a mixture of samplers adds their `log_missing`, and `log_inclusion` makes the log q out of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Negatives of one batch.

    Attributes:
        startups: int64 [M], possibly with repetitions.
        log_missing: float64 [S], log of the probability that a startup is not among them; -inf where it is for certain.
    """

    startups: Tensor
    log_missing: Tensor

    def __or__(self, other: Drawn) -> Drawn:
        """Both, drawn independently of each other."""
        return Drawn(
            startups=torch.cat([self.startups, other.startups]), log_missing=self.log_missing + other.log_missing
        )

    @property
    def log_inclusion(self) -> Tensor:
        """float32 [S]: log of the probability that a startup is among them; -inf where it cannot be."""
        return torch.log(-torch.expm1(self.log_missing)).float()


class StartupSampler:
    """Draws startups with replacement.

    Attributes:
        probability: float64 [S], adds up to 1.
    """

    def __init__(self, mass: Tensor) -> None:
        """Draw in proportion to `mass` (at least 0, [S]).

        Raises:
            ValueError: If no startup has any.
        """
        mass = mass.double()
        if not bool((mass.sum() > 0) & (mass >= 0).all()):
            raise ValueError(f"the masses of the {len(mass)} startups to draw from must be at least 0 and not all 0")
        self.probability = mass / mass.sum()
        self._cumulative = self.probability.cpu().cumsum(0)
        self._last = int(torch.nonzero(mass)[-1])
        self._log_not = torch.log1p(-self.probability)

    @classmethod
    def uniform(cls, startups: int, device: torch.device) -> StartupSampler:
        """Every startup is as likely as every other."""
        return cls(torch.ones(startups, device=device))

    @classmethod
    def popularity(cls, counts: Tensor, power: float) -> StartupSampler:
        """In proportion to count ** power; below 1 it brings the popular and the rare closer together.

        Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality".
        """
        return cls(torch.where(counts > 0, counts.double() ** power, 0.0))

    def draw(self, count: int, generator: torch.Generator) -> Drawn:
        """`count` startups, drawn from a CPU generator."""
        place = torch.rand(count, generator=generator, dtype=torch.float64)
        startups = torch.searchsorted(self._cumulative, place, right=True).clamp(max=self._last)
        return Drawn(startups=startups.to(self.probability.device), log_missing=self.log_missing(count))

    def log_missing(self, count: int) -> Tensor:
        """float64 [S]: log of the probability that `count` draws miss a startup."""
        return count * self._log_not if count else torch.zeros_like(self._log_not)

    def given(self, startups: Tensor) -> Drawn:
        """Startups (int64 [M]) that came by another way, as a batch's own do, with this distribution."""
        return Drawn(startups=startups, log_missing=self.log_missing(len(startups)))
