"""The ladder of answers: the first rung that can answer does, and what failed above it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import structlog

from contracts.api import Rung
from recommendation_service.engines.errors import EngineError
from recommendation_service.engines.router import LEARNED_RUNGS
from recommendation_service.engines.types import BoolArray, FloatArray, IntArray, UserState
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.snapshot import RungEngine

RUNG_FAILURES = (EngineError, ArithmeticError, LookupError, RuntimeError, ValueError)
"""What a rung may fail with: the engines' own errors, and those of numpy and torch underneath."""

_NO_COLUMNS: IntArray = np.empty(0, dtype=np.int32)
_NO_SCORES: FloatArray = np.empty(0, dtype=np.float32)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LadderAnswer:
    """What a rung answered.

    Attributes:
        columns: int32 [K], columns of the catalogue, best first.
        scores: float32 [K], finite.
        failures: What was due above this rung but failed, in order.
    """

    rung: Rung
    engine: str
    model_version: str | None
    columns: IntArray
    scores: FloatArray
    failures: Sequence[str] = ()


class Ladder:
    """The rungs of one snapshot."""

    def __init__(self, engines: Mapping[Rung, RungEngine], counter: FallbackCounter) -> None:
        """Take over what can answer, and what counts failures."""
        self._engines = engines
        self._counter = counter

    def climb(
        self,
        route: Sequence[Rung],
        users: Sequence[UserState],
        *,
        k: int,
        allowed: BoolArray,
        failures: Sequence[str] = (),
    ) -> list[LadderAnswer]:
        """Ask the rungs of a route in order until one has something to say, for each of some people.

        A rung that has nothing to say about a person is passed over silently; one that fails, or a learned rung without
        a model, is counted, logged and told in `failures`. Where it fails for several people at once, each is asked
        alone, so that nobody pays for another's records.

        Args:
            route: The rungs to ask; the last one's empty answer stands.
            users: B people.
            k: Places.
            allowed: bool [B, N]; False columns are in no answer, whatever an engine returns.
            failures: What failed above this route.
        """
        rung, rest = route[0], route[1:]
        try:
            found = self._ask(rung, users, k, allowed, failures)
        except RUNG_FAILURES as error:
            if len(users) > 1:
                ones = [slice(row, row + 1) for row in range(len(users))]
                alone = [self.climb(route, users[one], k=k, allowed=allowed[one], failures=failures) for one in ones]
                return [answer for (answer,) in alone]
            failures = (*failures, self._failed(rung, error))
            found = [_nothing(rung, failures)]
        silent = [row for row, answer in enumerate(found) if not len(answer.columns)]
        if rest and silent:
            people, failures = [users[row] for row in silent], found[silent[0]].failures
            below = self.climb(rest, people, k=k, allowed=allowed[silent], failures=failures)
            for row, answer in zip(silent, below, strict=True):
                found[row] = answer
        return found

    def _ask(
        self, rung: Rung, users: Sequence[UserState], k: int, allowed: BoolArray, failures: Sequence[str]
    ) -> list[LadderAnswer]:
        engine = self._engines.get(rung)
        if engine is None:
            return [_nothing(rung, (*failures, *self._missing(rung)))] * len(users)
        ranking = engine.scorer.rank(users, k, allowed)
        rows = zip(ranking.columns, ranking.scores, allowed, strict=True)
        return [_answer(rung, engine, *row, failures=failures) for row in rows]

    def _missing(self, rung: Rung) -> Sequence[str]:
        """Only a missing model is a failure: that nothing trends yet is the truth."""
        if rung not in LEARNED_RUNGS:
            return ()
        self._counter.count(rung, "no model")
        return (f"{rung.value}: no active model; train one and activate it",)

    def _failed(self, rung: Rung, error: Exception) -> str:
        engine = self._engines[rung]
        self._counter.count(rung, type(error).__name__)
        _log.warning(
            "rung_failed", rung=rung.value, engine=engine.engine, model_version=engine.model_version, error=repr(error)
        )
        return f"{rung.value}: the engine {engine.engine} failed"


def _answer(
    rung: Rung,
    engine: RungEngine,
    columns: IntArray,
    scores: FloatArray,
    allowed: BoolArray,
    *,
    failures: Sequence[str],
) -> LadderAnswer:
    kept = np.isfinite(scores) & (columns >= 0)
    kept[kept] = allowed[columns[kept]]
    return LadderAnswer(
        rung=rung,
        engine=engine.engine,
        model_version=engine.model_version,
        columns=columns[kept],
        scores=scores[kept],
        failures=failures,
    )


def _nothing(rung: Rung, failures: Sequence[str]) -> LadderAnswer:
    return LadderAnswer(
        rung=rung, engine=rung.value, model_version=None, columns=_NO_COLUMNS, scores=_NO_SCORES, failures=failures
    )
