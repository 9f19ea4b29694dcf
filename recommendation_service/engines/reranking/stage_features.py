"""Whether a startup is at the stage of funding at which a person tends to come in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.reranking.rounds import Rounds
from recommendation_service.engines.types import FloatArray

_MOST_ROUNDS = 4
_HALF_LIFE_DAYS = 365.0


class StageFeatures:
    """The share of a person's likes that came after as many rounds, or the same kind of round, as here and now."""

    names = ("same_rounds", "same_rounds_lately", "mean_rounds", "same_last_round")

    def __init__(self, moment: Moment, rounds: Rounds) -> None:
        here, now = np.arange(moment.columns), np.full(moment.columns, moment.now)
        self._rounds = rounds
        self._stage = np.minimum(rounds.count_before(here, now), _MOST_ROUNDS)
        self._kind = rounds.last_kind_before(here, now)

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 4]; the mean is not known of a person without likes."""
        stage = np.minimum(self._rounds.count_before(histories.startup, histories.time), _MOST_ROUNDS)
        kind = self._rounds.last_kind_before(histories.startup, histories.time)
        came_in = _shares(histories, stage, _MOST_ROUNDS + 1, None)
        came_in_lately = _shares(histories, stage, _MOST_ROUNDS + 1, _HALF_LIFE_DAYS)
        mean = np.where(histories.counts > 0, came_in @ np.arange(_MOST_ROUNDS + 1), np.nan)
        kinds = _shares(histories, kind, self._rounds.kinds, None)
        columns = [
            came_in[pairs.user, self._stage[pairs.column]],
            came_in_lately[pairs.user, self._stage[pairs.column]],
            mean[pairs.user],
            kinds[pairs.user, self._kind[pairs.column]],
        ]
        return np.stack(columns, axis=1).astype(np.float32)


def _shares(
    histories: HistoryTable, codes: npt.NDArray[np.int64], size: int, half_life_days: float | None
) -> npt.NDArray[np.float64]:
    """float64 [B, size]: how a person's likes are spread over the codes; zeros for a person without likes."""
    people = len(histories.people)
    cells = histories.user * size + codes
    sums = np.bincount(cells, weights=histories.weights(half_life_days), minlength=people * size).reshape(people, size)
    totals = sums.sum(axis=1, keepdims=True)
    shares: npt.NDArray[np.float64] = np.divide(sums, totals, out=np.zeros(sums.shape), where=totals > 0)
    return shares
