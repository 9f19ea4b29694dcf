"""How a startup stands at a moment, as numbers: its age, and what people had done to it by then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.act_ledger import ActLedger
from recommendation_service.engines.moment_facets import known_age_days
from recommendation_service.engines.types import FloatArray, StartupRecord

NUMBERS = (
    "liked",
    "liked_lately",
    "liked_just_now",
    "disliked",
    "no_acts",
    "days_open",
    "not_yet_open",
    "age",
    "age_unknown",
    "liked_per_day",
    "mean_label",
)
_PRIOR_ACTS = 2.0
"""How many acts of average label stand behind every mean label."""


def startup_numbers(
    startups: Sequence[StartupRecord],
    known: npt.NDArray[np.int64],
    ledger: ActLedger,
    *,
    as_of: datetime,
    half_life_days: float,
) -> FloatArray:
    """float32 [N, len(NUMBERS)] as of a moment; counts and times are logarithms.

    Args:
        startups: N of them.
        known: int64 [N], row of each in the ledger, -1 for one that nobody acted on.
        ledger: What everybody did; what lies after the moment is not looked at.
        as_of: The moment.
        half_life_days: `liked_lately` halves in half of it, `liked_just_now` in an eighth.
    """
    acts = ledger.before(as_of)
    liked = np.log1p(_of(known, acts.totals(acts.label)))
    lately = np.log1p(_of(known, acts.totals(acts.fading(as_of, half_life_days / 2))))
    just_now = np.log1p(_of(known, acts.totals(acts.fading(as_of, half_life_days / 8))))
    disliked = np.log1p(_of(known, acts.totals((acts.label == 0).astype(np.float32))))
    count = _of(known, acts.totals(np.ones(len(acts.time))))
    usual = float(acts.label.mean()) if len(acts.label) else 0.0
    mean_label = (np.expm1(liked) + _PRIOR_ACTS * usual) / (count + _PRIOR_ACTS)
    days_open = np.array([(as_of - startup.opened_at).total_seconds() / 86_400 for startup in startups])
    ages = [known_age_days(startup, as_of) for startup in startups]
    log_open = np.log1p(np.maximum(days_open, 0.0))
    columns = [
        liked,
        lately,
        just_now,
        disliked,
        count == 0,
        log_open,
        days_open < 0,
        np.log1p([age or 0.0 for age in ages]),
        [age is None for age in ages],
        liked - log_open,
        mean_label,
    ]
    return np.array(columns, dtype=np.float32).reshape(len(NUMBERS), len(startups)).T.copy()


def _of(known: npt.NDArray[np.int64], totals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Totals [N] of catalogue startups from totals of known ones; 0 for what is not known."""
    return np.where(known >= 0, totals[known], 0.0) if len(totals) else np.zeros(len(known))
