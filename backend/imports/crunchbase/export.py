"""The whole export in memory: every company, investor, round and investment once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from imports.crunchbase.files import Row, read_rows
from imports.crunchbase.records import (
    Company,
    Investment,
    Investor,
    Round,
    parse_company,
    parse_investment,
    parse_investor,
    parse_round,
)
from imports.errors import RowRefusedError
from imports.progress import ProgressReporter
from imports.summary import ImportSummary

_EXPORTED_ON = date(2013, 10, 1)
"""The export's last investment; a company without any date is only known to exist by then."""


@dataclass(kw_only=True)
class CrunchbaseExport:
    """Records by their keys, in the order of the files."""

    companies: dict[str, Company] = field(default_factory=dict)
    investors: dict[str, Investor] = field(default_factory=dict)
    rounds: dict[tuple[str, date, str], Round] = field(default_factory=dict)
    investments: dict[Investment, None] = field(default_factory=dict)

    def first_dates(self) -> dict[str, date]:
        """The earliest day on which each company is known to have existed."""
        first: dict[str, date] = {}
        for permalink, day in self._known_dates():
            first[permalink] = min(day, first.get(permalink, day))
        return {permalink: first.get(permalink, _EXPORTED_ON) for permalink in self.companies}

    def _known_dates(self) -> Iterable[tuple[str, date]]:
        yield from (
            (company.permalink, company.founded_on) for company in self.companies.values() if company.founded_on
        )
        yield from ((funding.company, funding.announced_on) for funding in self.rounds.values())
        yield from ((investment.company, investment.funded_on) for investment in self.investments)


def read_export(path: Path, summary: ImportSummary, progress: ProgressReporter) -> CrunchbaseExport:
    """Read the three tables; rows that cannot come in are counted in `summary`.

    Raises:
        ImportRefusedError: If a table or one of its columns is missing.
    """
    export = CrunchbaseExport()
    for table, add in (("companies", _add_company), ("rounds", _add_round), ("investments", _add_investment)):
        for number, row in progress.track(read_rows(path, table), description=f"Reading {table}"):
            summary.read[table] += 1
            try:
                add(export, row)
            except RowRefusedError as refusal:
                summary.refuse(table, number, refusal)
    return export


def _add_company(export: CrunchbaseExport, row: Row) -> None:
    company = parse_company(row)
    if company.permalink in export.companies:
        raise RowRefusedError("the company stands twice", company.permalink)
    export.companies[company.permalink] = company


def _add_round(export: CrunchbaseExport, row: Row) -> None:
    funding = parse_round(row)
    if funding.company not in export.companies:
        export.companies[funding.company] = parse_company(row, "company_")
    key = (funding.company, funding.announced_on, funding.kind)
    if key in export.rounds:
        raise RowRefusedError("a round of the same company, day and kind stands twice", funding.company)
    export.rounds[key] = funding


def _add_investment(export: CrunchbaseExport, row: Row) -> None:
    investment = parse_investment(row)
    if investment in export.investments:
        raise RowRefusedError("the investment stands twice", f"{investment.investor} in {investment.company}")
    if investment.company not in export.companies:
        export.companies[investment.company] = parse_company(row, "company_")
    if investment.investor not in export.investors:
        export.investors[investment.investor] = parse_investor(row)
    export.investments[investment] = None
