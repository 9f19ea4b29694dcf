"""One row of the export as a typed record, or the reason why it cannot be one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from imports.crunchbase.files import Row
from imports.crunchbase.texts import readable_name
from imports.errors import RowRefusedError

_PERMALINK = re.compile(r"/(company|financial-organization|person)/\S+")
_UNKNOWN_REGION = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody is; unknown parts are empty."""

    country: str
    state: str
    region: str
    city: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company; `category` is a slug, empty where unknown."""

    permalink: str
    name: str
    category: str
    place: Place
    founded_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Investor:
    """A person, firm or company that invests."""

    permalink: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A funding round."""

    company: str
    announced_on: date
    kind: str
    amount_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Investment:
    """An investor's part in a funding round."""

    investor: str
    company: str
    funded_on: date
    kind: str


def parse_company(row: Row, prefix: str = "") -> Company:
    """The company of a row; `prefix` is `company_` in the tables that only mention it.

    Raises:
        RowRefusedError: If its permalink or founding date cannot be read.
    """
    permalink = parse_permalink(row[f"{prefix}permalink"])
    return Company(
        permalink=permalink,
        name=readable_name(row[f"{prefix}name"], permalink),
        category=row[f"{prefix}category_code"].replace("_", "-"),
        place=parse_place(row, prefix),
        founded_on=parse_date(row["founded_at"]) if row.get("founded_at") else None,
    )


def parse_investor(row: Row) -> Investor:
    """The investor of an investment.

    Raises:
        RowRefusedError: If the permalink cannot be read.
    """
    permalink = parse_permalink(row["investor_permalink"])
    name = readable_name(row["investor_name"], permalink)
    return Investor(permalink=permalink, name=name, place=parse_place(row, "investor_"))


def parse_round(row: Row) -> Round:
    """A funding round.

    Raises:
        RowRefusedError: If the permalink, the date or the amount cannot be read.
    """
    return Round(
        company=parse_permalink(row["company_permalink"]),
        announced_on=parse_date(row["funded_at"]),
        kind=row["funding_round_type"],
        amount_usd=parse_amount(row["raised_amount_usd"]),
    )


def parse_investment(row: Row) -> Investment:
    """An investment.

    Raises:
        RowRefusedError: If a permalink or the date cannot be read.
    """
    return Investment(
        investor=parse_permalink(row["investor_permalink"]),
        company=parse_permalink(row["company_permalink"]),
        funded_on=parse_date(row["funded_at"]),
        kind=row["funding_round_type"],
    )


def parse_permalink(text: str) -> str:
    """The key of a company or investor, e.g. `/company/twitter`."""
    if not _PERMALINK.fullmatch(text):
        raise RowRefusedError("a permalink is missing or is none", repr(text))
    return text


def parse_date(text: str) -> date:
    """A day, e.g. `2012-06-30`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RowRefusedError("a date is missing or is none", repr(text)) from None


def parse_amount(text: str) -> float | None:
    """US dollars; None where unknown."""
    try:
        amount = float(text) if text else None
    except ValueError:
        raise RowRefusedError("the amount is no number", repr(text)) from None
    if amount is not None and not 0 <= amount < float("inf"):
        raise RowRefusedError("the amount is not positive", repr(text))
    return amount


def parse_place(row: Row, prefix: str) -> Place:
    """The place in the columns that start with `prefix`."""
    region = row[f"{prefix}region"]
    return Place(
        country=row[f"{prefix}country_code"],
        state=row[f"{prefix}state_code"],
        region="" if region == _UNKNOWN_REGION else region,
        city=row[f"{prefix}city"],
    )
