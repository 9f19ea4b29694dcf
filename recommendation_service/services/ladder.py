"""The ladder of answers: the first rung that can answer does, and what failed above it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import structlog

from contracts.api import Rung
from recommendation_service.engines.errors import EngineError
from recommendation_service.engines.router import LEARNED_RUNGS
from recommendation_service.engines.types import BoolArray, UserState
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.snapshot import RungEngine

RUNG_FAILURES = (EngineError, ArithmeticError, LookupError, RuntimeError, ValueError)
"""What a rung may fail with: the engines' own errors, and those of numpy and torch underneath."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderAnswer:
    """What a rung answered.

    Attributes:
        columns: Columns of the catalogue, best first.
        scores: Finite, one for each column.
        failures: What was due above this rung but failed, in order.
    """

    rung: Rung
    engine: str
    model_version: str | None
    columns: Sequence[int]
    scores: Sequence[float]
    failures: Sequence[str] = ()


def climb(
    route: Sequence[Rung],
    engines: Mapping[Rung, RungEngine],
    user: UserState,
    *,
    k: int,
    allowed: BoolArray,
    counter: FallbackCounter,
) -> LadderAnswer:
    """Ask the rungs of a route in order until one has something to say.

    A rung that has nothing to say about the person is passed over silently; one that fails, or a two-tower rung
    without a model, is counted, logged and told in `failures`.

    Args:
        route: The rungs to ask; the last one's empty answer stands.
        engines: The rungs that can answer.
        user: For whom.
        k: Places.
        allowed: [N]; False columns are in no answer, whatever an engine returns.
        counter: Counts what failed.
    """
    failures: list[str] = []
    for rung in route:
        engine = engines.get(rung)
        if engine is None:
            failures += _missing(rung, counter)
            continue
        try:
            columns, scores = _ask(engine, user, k, allowed)
        except RUNG_FAILURES as error:
            failures.append(_failed(rung, engine, error, counter))
            continue
        if columns:
            return _answer(rung, engine, columns, scores, failures)
    return LadderAnswer(
        rung=route[-1], engine=route[-1].value, model_version=None, columns=(), scores=(), failures=failures
    )


def _ask(engine: RungEngine, user: UserState, k: int, allowed: BoolArray) -> tuple[list[int], list[float]]:
    ranking = engine.scorer.rank([user], k, allowed)
    columns, scores = ranking.columns[0], ranking.scores[0]
    kept = np.isfinite(scores) & (columns >= 0)
    kept[kept] = allowed[columns[kept]]
    return columns[kept].tolist(), scores[kept].tolist()


def _answer(
    rung: Rung, engine: RungEngine, columns: list[int], scores: list[float], failures: list[str]
) -> LadderAnswer:
    return LadderAnswer(
        rung=rung,
        engine=engine.engine,
        model_version=engine.model_version,
        columns=columns,
        scores=scores,
        failures=failures,
    )


def _missing(rung: Rung, counter: FallbackCounter) -> list[str]:
    """Only a missing model is a failure: that nothing trends yet is the truth."""
    if rung not in LEARNED_RUNGS:
        return []
    counter.count(rung, "no model")
    return [f"{rung.value}: no active model; train one and activate it"]


def _failed(rung: Rung, engine: RungEngine, error: Exception, counter: FallbackCounter) -> str:
    counter.count(rung, type(error).__name__)
    _log.warning(
        "rung_failed", rung=rung.value, engine=engine.engine, model_version=engine.model_version, error=repr(error)
    )
    return f"{rung.value}: the engine {engine.engine} failed"
