"""What engines answer to the question of an evaluation: lists, and how well everything else was put in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommendation_service.engines.auc import auc
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.metrics import Values
from recommendation_service.engines.recommender import Recommender, Scorer, top_k
from recommendation_service.engines.types import BoolArray, Ranking, UserState


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """One engine's answers to all U users.

    Attributes:
        ranking: The first max(ks) places of everybody; -1 where an engine does not serve a person.
        auc: float64 [U], over all scores; 0.5 for a person whom the engine does not serve.
    """

    ranking: Ranking
    auc: Values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contestant:
    """An engine that is bound to the catalogue of a task.

    Attributes:
        scorer: It, bound.
        served: bool [U], the users whom it serves.
    """

    scorer: Scorer
    served: BoolArray


def bind_all(engines: Mapping[str, Recommender], task: EvaluationTask) -> dict[str, Contestant]:
    """Bind every engine once; who has no history is served by engines that serve cold users only."""
    return {
        name: Contestant(scorer=engine.bind(task.catalogue), served=task.has_history | engine.serves_cold_users)
        for name, engine in engines.items()
    }


def answer_all(
    contestants: Mapping[str, Contestant], task: EvaluationTask, config: EvaluationConfig
) -> dict[str, Answers]:
    """Ask every engine about every user, batch by batch: no more than one batch of scores is in memory.

    Who is not served gets an empty list (-1).
    """
    parts: dict[str, list[Answers]] = {name: [] for name in contestants}
    for batch in batches(len(task.users), config.batch_size):
        states = task.states(batch)
        unknown = ~task.known.mask(batch, task.width)
        relevant = task.relevant.mask(batch, task.width)
        for name, contestant in contestants.items():
            allowed = unknown & contestant.served[batch, None]
            parts[name].append(_answer(contestant.scorer, states, allowed, relevant, config.ks[-1]))
    return {name: join(found) for name, found in parts.items()}


def _answer(
    scorer: Scorer, states: Sequence[UserState], allowed: BoolArray, relevant: BoolArray, places: int
) -> Answers:
    """One batch; it is scored once, unless the engine has a way of its own to rank what is allowed."""
    scores = scorer.score(states)
    by_score = type(scorer).rank is Scorer.rank
    ranking = top_k(scores, places, allowed) if by_score else scorer.rank(states, places, allowed)
    return Answers(ranking=ranking, auc=auc(scores, allowed, relevant))


def join(parts: list[Answers]) -> Answers:
    """The answers of batches as one."""
    return Answers(
        ranking=Ranking(
            columns=np.concatenate([part.ranking.columns for part in parts]),
            scores=np.concatenate([part.ranking.scores for part in parts]),
        ),
        auc=np.concatenate([part.auc for part in parts]),
    )


def batches(rows: int, size: int) -> Iterator[slice]:
    """Runs of at most `size` rows, in order."""
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))
