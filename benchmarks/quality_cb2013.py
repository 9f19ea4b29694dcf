"""CB-2013: real investors of Crunchbase's export of October 2013, and the companies they then backed.

Learned from what lies before 2012-07-01, settings chosen on 2012-01-01..2012-07-01, judged on everything after. Ranked
are the companies that raised a round or found an investor in the judged window, less those the investor had backed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from contest import Contest
from peers.entries import enter_peers
from product_commands import make_dataset
from product_entries import enter_product
from quality_part import PartResult, QualityOptions
from quality_rows import SEGMENTS, contest_rows
from result import Row

from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_protocols import CB2013
from recommendation_service.engines.evaluation_report import NEW_STARTUPS
from recommendation_service.engines.splitting import TemporalSplit

DEVELOPMENT = TemporalSplit(
    validation_from=datetime(2011, 7, 1, tzinfo=UTC),
    train_until=datetime(2012, 1, 1, tzinfo=UTC),
    test_until=datetime(2012, 7, 1, tzinfo=UTC),
)

TWO_TOWER = {"preset": "history"}


def measure(options: QualityOptions) -> PartResult:
    """Judge everybody on Crunchbase 2013."""
    raw = options.data / "crunchbase2013" / "crunch2013.zip"
    contest = Contest(
        name="cb2013",
        data=make_dataset(options.work / "cb2013", ["import_crunchbase", str(raw.resolve())], raw),
        split=options.split(CB2013.split, DEVELOPMENT),
        config=EvaluationConfig(policy=CB2013.policy),
        seeds=options.seeds,
    )
    windows = {"windows": 2 if options.quick else 4, "window_days": 182.5}
    entries = [
        *enter_peers(contest, options, least_acts=2, lambdamart=windows),
        *enter_product(contest, TWO_TOWER),
    ]
    rows = contest_rows(contest, entries)
    return PartResult(
        rows=[*rows, *cold_rows(rows)],
        settings={entry.name: {**entry.chosen, **entry.chosen_by} for entry in entries},
        sources=[raw],
        protocol=__doc__ or "",
    )


def cold_rows(rows: Sequence[Row]) -> list[Row]:
    """What people are served of companies nobody had backed before, under the name that is published: `cold`."""
    served = f"cb2013/{SEGMENTS[NEW_STARTUPS][0]}routed/"
    return [replace(row, name=row.name.replace(served, "cb2013/cold/")) for row in rows if row.name.startswith(served)]
