"""The numbers of the Crunchbase benchmark, from the published export itself."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recommendation_service.engines.evaluation_task import build_task, new_startup_task
from recommendation_service.engines.timeline import TimeWindow, to_microseconds
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    FundingRound,
    Interactions,
    StartupRecord,
    TrainingData,
    UserRecord,
)

EXPORT = Path(os.environ.get("LAUNCHMATCH_DATA", "")) / "crunchbase2013" / "crunch2013.zip"
pytestmark = [pytest.mark.data, pytest.mark.skipif(not EXPORT.is_file(), reason="needs $LAUNCHMATCH_DATA")]


def read_table(name: str) -> pl.DataFrame:
    with zipfile.ZipFile(EXPORT) as archive:
        member = next(entry for entry in archive.namelist() if entry.endswith(f"crunchbase-{name}.csv"))
        text = archive.read(member).decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    return pl.read_csv(io.StringIO(text), infer_schema_length=0).with_columns(pl.all().fill_null(""))


def midnight(day: str) -> int:
    return to_microseconds(datetime.fromisoformat(day).replace(tzinfo=UTC))


@pytest.fixture(scope="module")
def crunchbase() -> TrainingData:
    rounds: dict[str, list[FundingRound]] = {}
    for company, day in read_table("rounds").select("company_permalink", "funded_at").sort("funded_at").iter_rows():
        rounds.setdefault(company, []).append(FundingRound(announced_on=date.fromisoformat(day)))
    investments = (
        read_table("investments")
        .filter(
            (pl.col("funded_at") != "") & (pl.col("company_permalink") != "") & (pl.col("investor_permalink") != "")
        )
        .group_by("investor_permalink", "company_permalink")
        .agg(pl.col("funded_at").min())
        .sort("funded_at")
    )
    companies = sorted(set(read_table("companies")["permalink"]) | set(investments["company_permalink"]))
    investors = sorted(set(investments["investor_permalink"]))
    opened = datetime(1980, 1, 1, tzinfo=UTC)
    column = {company: row for row, company in enumerate(companies)}
    person = {investor: row for row, investor in enumerate(investors)}
    ones = np.ones(len(investments), dtype=np.float32)
    return TrainingData(
        users=[UserRecord(id=investor, role="investor") for investor in investors],
        startups=[
            StartupRecord(id=company, opened_at=opened, rounds=tuple(rounds.get(company, ()))) for company in companies
        ],
        interactions=Interactions(
            user=np.array([person[name] for name in investments["investor_permalink"]], dtype=np.int32),
            startup=np.array([column[name] for name in investments["company_permalink"]], dtype=np.int32),
            label=ones,
            weight=ones,
            kind=np.full(len(ones), INTERACTION_KINDS.index("interest"), dtype=np.int8),
            time=np.array([midnight(day) for day in investments["funded_at"]], dtype=np.int64),
        ),
    )


def test_the_protocol_has_its_published_size(crunchbase: TrainingData) -> None:
    assert (len(crunchbase.users), len(crunchbase.interactions)) == (10_551, 40_977)
    task = build_task(crunchbase, TimeWindow(start=datetime(2012, 7, 1, tzinfo=UTC)))
    assert task.policy.name == "funded"
    assert len(task.catalogue) == 7_061
    assert int(task.has_history.sum()) == 1_748


def test_brand_new_companies_are_those_first_invested_in_after_the_cut(crunchbase: TrainingData) -> None:
    task = new_startup_task(build_task(crunchbase, TimeWindow(start=datetime(2012, 7, 1, tzinfo=UTC))))
    assert task is not None
    assert (len(task.catalogue), len(task.users)) == (2_176, 1_438)


def test_a_round_is_known_only_by_its_date(crunchbase: TrainingData) -> None:
    without = replace(crunchbase, startups=[replace(startup, rounds=()) for startup in crunchbase.startups])
    task = build_task(without, TimeWindow(start=datetime(2012, 7, 1, tzinfo=UTC)), policy="funded")
    assert len(task.catalogue) == 3_312
