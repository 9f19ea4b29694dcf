"""CB-2013: real investors of Crunchbase's export of October 2013, and the companies they then backed.

Learned from what lies before 2012-07-01, settings chosen on 2012-01-01..2012-07-01, judged on everything after. Ranked
are the companies that raised a round or found an investor in the judged window, less those the investor had backed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from contest import Contest
from peers.entries import enter_peers
from product_commands import make_dataset
from product_entries import enter_product
from quality_part import PartResult, QualityOptions
from quality_rows import contest_rows

from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_protocols import CB2013
from recommendation_service.engines.splitting import TemporalSplit

DEVELOPMENT = TemporalSplit(
    validation_from=datetime(2011, 7, 1, tzinfo=UTC),
    train_until=datetime(2012, 1, 1, tzinfo=UTC),
    test_until=datetime(2012, 7, 1, tzinfo=UTC),
)

TWO_TOWER = {"preset": "fast"}


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
    return PartResult(
        rows=contest_rows(contest, entries),
        settings={entry.name: {**entry.chosen, **entry.chosen_by} for entry in entries},
        sources=[raw],
        protocol=__doc__ or "",
    )
