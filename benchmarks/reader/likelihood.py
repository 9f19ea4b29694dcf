"""How likely it is that people did what they did, if certain affinities drew them.

A visit shows a page drawn without replacement; here each startup comes before the eyes independently, at such a rate
that as many are shown in the mean (Poisson sampling). Only visits with an act are recorded, so the chance of each is
divided by the chance that something was opened.
Shapes: U people, S startups, N visits (B in a block), V looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contracts.interactions import InteractionType
from reader.exposure import Exposure
from reader.looks import Looks
from simulation.config import BehaviourConfig

Floats = npt.NDArray[np.float32]
Sums = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_BLOCK = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pages:
    """What B visits show under some affinities, and what is opened of it.

    Attributes:
        logits: float32 [B, S].
        by_taste: float32 [B, S], how much of a startup's share of the page is due to taste.
        share: float32 [B, S], how often each is drawn in the mean until the page is full.
        opens: float32 [B, S], the chance that it is opened once it is looked at.
        chance: float32 [B, S], the chance that it is shown, looked at and opened.
    """

    logits: Floats
    by_taste: Floats
    share: Floats
    opens: Floats
    chance: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slopes:
    """How the log-likelihood of everybody's acts changes with the appeal of each startup.

    Attributes:
        first: float64 [S], its derivative.
        second: float64 [S], its negative second derivative, as expected.
    """

    first: Sums
    second: Sums


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """A step that may follow a look, for each of some looks; its chance is logistic in the affinity.

    Attributes:
        offset: Added to the affinity.
        sign: -1 where the affinity counts negatively.
        asked: bool [V], whether it could happen.
        happened: bool [V].
    """

    offset: float
    sign: int
    asked: Flags
    happened: Flags

    def likelihood(self, logits: Floats) -> Floats:
        """float32 [V]: log-likelihood at these affinities."""
        found: Floats = np.where(
            self.asked, np.log(np.where(self.happened, chance := self._chance(logits), 1 - chance)), 0
        )
        return found

    def slopes(self, logits: Floats) -> tuple[Sums, Sums]:
        """float64 [V] each: first derivative, and negative second."""
        chance = self._chance(logits)
        first = np.where(self.asked, self.sign * (self.happened - chance), 0.0)
        second = np.where(self.asked, chance * (1 - chance), 0.0)
        return first, second

    def _chance(self, logits: Floats) -> Floats:
        return _logistic(np.float32(self.sign) * logits + np.float32(self.offset))


class Likelihood:
    """The acts of a platform, to be judged under any affinities.

    Affinities are float32 [U, S], on the first day (`start`) and how much they change until the last (`change`).
    """

    def __init__(self, looks: Looks, exposure: Exposure, behaviour: BehaviourConfig, days: int) -> None:
        order = np.argsort(exposure.look_visit, kind="stable")
        self._exposure, self._feed, self._funnel = exposure, behaviour.feed, behaviour.funnel
        self._look_visit, self._look_venture = exposure.look_visit[order], looks.venture[order]
        self._did = {step: happened[order] for step, happened in looks.did.items()}
        self._progress = (exposure.day / days).astype(np.float32)
        places = np.arange(1, behaviour.feed.page + 1)
        self._looked_at = np.float32(np.mean(places**-behaviour.feed.position_decay))

    def by_person(self, start: Floats, change: Floats, people: Flags) -> Sums:
        """float64 [U], the log-likelihood of each person's acts; 0 for those who are not asked about (bool [U])."""
        total = np.zeros(len(start))
        for visits, looks in self._blocks(np.flatnonzero(people[self._exposure.member])):
            pages = self._pages(start, change, visits)
            nothing = np.log1p(-pages.chance).sum(axis=1, dtype=np.float64)
            at = np.searchsorted(visits, self._look_visit[looks]), self._look_venture[looks]
            opened = np.log(pages.chance[at]) - np.log1p(-pages.chance[at])
            for step in self._steps(looks):
                opened += step.likelihood(pages.logits[at])
            member = self._exposure.member[visits]
            np.add.at(total, member, nothing - np.log(-np.expm1(nothing)))
            np.add.at(total, member[at[0]], opened)
        return total

    def slopes(self, start: Floats, change: Floats) -> Slopes:
        """How all that was done would become more likely with each startup's appeal, all others staying as they are."""
        first, second = np.zeros(start.shape[1]), np.zeros(start.shape[1])
        for visits, looks in self._blocks(np.arange(len(self._exposure.member))):
            pages = self._pages(start, change, visits)
            nothing = np.log1p(-pages.chance).sum(axis=1, keepdims=True)
            growth = self._growth(pages)
            odds = pages.chance / (1 - pages.chance)
            first -= (odds * growth / -np.expm1(nothing)).sum(axis=0)
            second += (odds * growth**2 / -np.expm1(nothing)).sum(axis=0)
            at = np.searchsorted(visits, self._look_visit[looks]), self._look_venture[looks]
            np.add.at(first, at[1], growth[at] / (1 - pages.chance[at]))
            for step in self._steps(looks):
                slope, curvature = step.slopes(pages.logits[at])
                np.add.at(first, at[1], slope)
                np.add.at(second, at[1], curvature)
        return Slopes(first=first, second=second)

    def _blocks(self, visits: Rows) -> Iterator[tuple[Rows, Rows]]:
        """Some visits, a block at a time, with the rows of their looks."""
        for begin in range(0, len(visits), _BLOCK):
            block = visits[begin : begin + _BLOCK]
            first, last = np.searchsorted(self._look_visit, [block[0], block[-1] + 1])
            looks = np.arange(first, last)
            yield block, looks[np.isin(self._look_visit[first:last], block)]

    def _pages(self, start: Floats, change: Floats, visits: Rows) -> Pages:
        exposure, page = self._exposure, np.float32(self._feed.page)
        member, weight = exposure.member[visits], exposure.weight[visits]
        logits = start[member] + self._progress[visits, None] * change[member]
        taste = np.exp(np.float32(self._feed.sharpness) * logits)
        taste *= np.float32(self._feed.taste) / np.einsum("bs,bs->b", taste, weight > 0)[:, None]
        share = taste + exposure.others[exposure.day[visits]]
        by_taste = np.divide(taste, share, out=np.zeros_like(taste), where=share > 0)
        share *= weight
        share /= share.sum(axis=1, keepdims=True)
        share *= page * (1 + page / 2 * np.einsum("bs,bs->b", share, share))[:, None]  # until a page of different ones
        opens = _logistic(logits + np.float32(self._funnel.view))
        return Pages(
            logits=logits,
            by_taste=by_taste,
            share=share,
            opens=opens,
            chance=self._looked_at * opens * -np.expm1(-share),
        )

    def _growth(self, pages: Pages) -> Floats:
        """float32 [B, S]: how fast the log of the chance grows with the affinity."""
        drawn = np.expm1(pages.share)
        shown = np.divide(pages.share, drawn, out=np.zeros_like(drawn), where=drawn > 0)
        growth: Floats = np.float32(self._feed.sharpness) * pages.by_taste * shown + 1 - pages.opens
        return growth

    def _steps(self, looks: Rows) -> Iterator[Step]:
        """What could follow some looks, and did or did not."""
        did = {step: happened[looks] for step, happened in self._did.items()}
        clicked, funnel = did[InteractionType.CLICK], self._funnel
        yield Step(offset=funnel.click, sign=1, asked=np.ones_like(clicked), happened=clicked)
        yield Step(offset=funnel.like, sign=1, asked=clicked, happened=did[InteractionType.LIKE])
        yield Step(offset=funnel.favorite, sign=1, asked=clicked, happened=did[InteractionType.FAVORITE])
        yield Step(offset=funnel.act, sign=1, asked=clicked, happened=did[InteractionType.APPLY])
        yield Step(offset=funnel.dislike, sign=-1, asked=~clicked, happened=did[InteractionType.DISLIKE])


def _logistic(logits: Floats) -> Floats:
    one = np.float32(1)
    return one / (one + np.exp(-logits))
