"""ML-100K: MovieLens ratings in order of time.

The last 20 % of the ratings are judged, the 20 % before them choose settings; both cuts are moments of global time, so
nothing is learned from the future. A rating of 3 or more is relevant (1 and 2 act as dislikes), all 1,682 films are
ranked less those the member had rated, and the people are those who had rated before the window. They are few (about a
hundred): most members of this data set rate once and never return, so the intervals are wide.
"""

from __future__ import annotations

from contest import Contest
from movielens import read_movielens
from peers.entries import enter_peers
from product_entries import enter_product
from quality_part import PartResult, QualityOptions
from quality_rows import contest_rows

from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.splitting import TemporalSplit, split_by_ratio
from recommendation_service.engines.types import TrainingData

TEST_SHARE = 0.2
TWO_TOWER = {"preset": "history", "history": {"half_life": 0.5}, "episodes": {"count": 6, "days": 14}}


def measure(options: QualityOptions) -> PartResult:
    """Judge everybody on MovieLens 100K."""
    folder = options.data / "ml100k"
    data = read_movielens(folder)
    contest = Contest(
        name="ml100k",
        data=data,
        split=options.split(split(data), split(data, windows_back=1)),
        config=EvaluationConfig(policy="listed"),
        seeds=options.seeds,
    )
    windows = {"windows": 3, "window_days": 14.0}
    entries = [
        *enter_peers(contest, options, least_acts=1, lambdamart=windows),
        *enter_product(contest, TWO_TOWER),
    ]
    return PartResult(
        rows=contest_rows(contest, entries),
        settings={entry.name: {**entry.chosen, **entry.chosen_by} for entry in entries},
        sources=[folder / f"ml-100k.{name}" for name in ("inter", "user", "item")],
        protocol=__doc__ or "",
    )


def split(data: TrainingData, *, windows_back: int = 0) -> TemporalSplit:
    """Test and validation are windows of the same share of the ratings; `windows_back` moves both to earlier ones."""
    cuts = [
        split_by_ratio(data.interactions, test=(n + 1) * TEST_SHARE, validation=0.0).train_until
        for n in range(windows_back + 2)
    ]
    return TemporalSplit(
        validation_from=cuts[windows_back + 1],
        train_until=cuts[windows_back],
        test_until=cuts[windows_back - 1] if windows_back else None,
    )
