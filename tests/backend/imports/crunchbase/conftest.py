"""A small export in the published shape: CR line ends, Mac OS Roman, every kind of flaw."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

COMPANIES = (
    "permalink,name,category_code,funding_total_usd,status,country_code,state_code,region,city,funding_rounds,"
    "founded_at,founded_month,founded_quarter,founded_year,first_funding_at,last_funding_at,last_milestone_at"
)
MENTION = (
    "company_permalink,company_name,company_category_code,company_country_code,company_state_code,company_region,"
    "company_city"
)
ROUNDS = f"{MENTION},funding_round_type,funded_at,funded_month,funded_quarter,funded_year,raised_amount_usd"
INVESTMENTS = (
    f"{MENTION},investor_permalink,investor_name,investor_category_code,investor_country_code,investor_state_code,"
    "investor_region,investor_city,funding_round_type,funded_at,funded_month,funded_quarter,funded_year,"
    "raised_amount_usd"
)
ALMA = "/company/alma,Alma,games_video,USA,CA,SF Bay,San Francisco"
GHOST = "/company/ghost,Ghost,,USA,,unknown,"
CONDE = "/company/alma-2,Condé Nast,,USA,NY,New York,New York"
TABLES = {
    "companies": [
        COMPANIES,
        "/company/alma,Alma,games_video,999,acquired,USA,CA,SF Bay,San Francisco,2,2010-05-01,,,,,2012-08-01,",
        "/company/n-plusn,#NAME?,software,,closed,USA,NY,New York,New York,0,,,,,,,",
        "/company/alma,Alma,games_video,999,acquired,USA,CA,SF Bay,San Francisco,2,2010-05-01,,,,,,",
    ],
    "rounds": [
        ROUNDS,
        f"{ALMA},series-a,2009-11-30,2009-11,2009-Q4,2009,1000000",
        f"{ALMA},series-a,2009-11-30,2009-11,2009-Q4,2009,1000000",
        f"{ALMA},series-b,someday,,,,5",
        f"{ALMA},angel,2012-08-01,2012-08,2012-Q3,2012,",
    ],
    "investments": [
        INVESTMENTS,
        f"{ALMA},/person/alma,Alma Åberg,,SWE,,unknown,Malmö,series-a,2009-11-30,,,,1000000",
        f"{ALMA},/person/alma,Alma Åberg,,SWE,,unknown,Malmö,series-a,2009-11-30,,,,1000000",
        f"{GHOST},{CONDE},angel,2011-03-04,,,,",
        f"{ALMA},/financial-organization/alma,Alma,,,,unknown,,,,,,,",
        "57 Woodstock Road,,,,,,,,,,,,,,,,,,,",
    ],
}

ExportWriter = Callable[..., Path]


@pytest.fixture
def write_export(tmp_path: Path) -> ExportWriter:
    """`write_export(zipped=True, without="rounds", rounds=[...])`: the path of an export."""

    def write(*, zipped: bool = False, without: str = "", **tables: list[str]) -> Path:
        folder = tmp_path / "export"
        folder.mkdir()
        for table, lines in {**TABLES, **tables}.items():
            if table != without:
                data = "".join(f"{line}\r" for line in lines).encode("mac_roman")
                (folder / f"crunchbase-{table}.csv").write_bytes(data)
        return _zip(folder) if zipped else folder

    return write


def _zip(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    return path
