"""What the engines think of given pairs of a person and a startup, whether or not a rule would keep them apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np

from contracts.api import Pair, PairScore, PairScores
from recommendation_service.engines.types import BoolArray, UserState
from recommendation_service.services.block_ranking import BlockRanking, RankedPerson
from recommendation_service.services.errors import UnknownStartupError, UnknownUserError
from recommendation_service.services.snapshot import Snapshot


def score_pairs(
    ranking: BlockRanking, snapshot: Snapshot, pairs: Sequence[Pair], request_id: UUID, now: datetime
) -> PairScores:
    """The score of each pair, in order; all pairs of one person are scored by one engine.

    Each person is ranked on the startups asked about alone, so that the ladder decides who scores them.

    Args:
        ranking: Reads and ranks the people.
        snapshot: The one that all scores are made from.
        pairs: What is asked about.
        request_id: Of the answer.
        now: The moment of the answer.
    """
    asked = _columns_by_person(snapshot, pairs)

    def only_asked(users: Sequence[UserState]) -> BoolArray:
        allowed = np.zeros((len(users), len(snapshot.catalogue)), dtype=np.bool_)
        for row, user in zip(allowed, users, strict=True):
            row[asked[user.record.id]] = True
        return allowed

    most = max(1, max(map(len, asked.values())))
    ranked = dict(ranking.ranked(snapshot, list(asked), most, now, only_asked))
    problems = dict.fromkeys(problem for person in ranked.values() if person for problem in person.problems)
    scores = {user_id: _scores(snapshot, person) for user_id, person in ranked.items() if person}
    return PairScores(
        request_id=request_id,
        model_version=snapshot.model.version if snapshot.model else None,
        degraded=bool(problems),
        degraded_reason="; ".join(problems) or None,
        generated_at=now,
        scores=[_pair_score(snapshot, pair, ranked[str(pair.user_id)], scores) for pair in pairs],
    )


def _columns_by_person(snapshot: Snapshot, pairs: Sequence[Pair]) -> Mapping[str, list[int]]:
    """The open startups that each person is asked about; people of none are there too."""
    asked: dict[str, list[int]] = defaultdict(list)
    for pair in pairs:
        columns = asked[str(pair.user_id)]
        column = snapshot.catalogue.index_of.get(str(pair.startup_id))
        if column is not None:
            columns.append(column)
    return asked


def _scores(snapshot: Snapshot, ranked: RankedPerson) -> Mapping[str, float]:
    """By startup id."""
    startups, answer = snapshot.catalogue.startups, ranked.answer
    return {
        startups[column].id: score
        for column, score in zip(answer.columns.tolist(), answer.scores.tolist(), strict=True)
    }


def _pair_score(
    snapshot: Snapshot, pair: Pair, ranked: RankedPerson | None, scores: Mapping[str, Mapping[str, float]]
) -> PairScore:
    user_id, startup_id = str(pair.user_id), str(pair.startup_id)
    score = scores.get(user_id, {}).get(startup_id)
    problem = None
    if ranked is None:
        problem = str(UnknownUserError(user_id))
    elif startup_id not in snapshot.catalogue.index_of:
        problem = str(UnknownStartupError(startup_id))
    elif score is None:
        problem = "no engine has anything to say about this pair"
    engine = None if ranked is None or score is None else ranked.answer.engine
    return PairScore(user_id=pair.user_id, startup_id=pair.startup_id, score=score, engine=engine, problem=problem)
