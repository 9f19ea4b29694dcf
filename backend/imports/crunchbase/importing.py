"""Writes the export into the platform: investors as people, companies as startups, investments as interest."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from django.contrib.auth.hashers import make_password

from accounts.models import Profile, Role, User
from contracts.interactions import InteractionType
from imports.batching import batches
from imports.bulk import create_all, create_events, ids_by_external_id
from imports.crunchbase.export import CrunchbaseExport, read_export
from imports.crunchbase.records import Company, Investment, Investor, Place
from imports.crunchbase.texts import company_description, investor_bio
from imports.identity import identifier_of, placeholder_email
from imports.progress import ProgressReporter
from imports.row_writer import RowWriter
from imports.summary import ImportSummary
from imports.transaction import whole_or_nothing
from interactions.models import InteractionEvent
from startups.models import FundingRound, Startup, StartupType

SOURCE = "crunchbase"
_EMAIL_DOMAIN = "crunchbase.invalid"


def import_crunchbase(path: Path, progress: ProgressReporter) -> ImportSummary:
    """Bring Crunchbase's export of October 2013 in; what is there already stays as it is.

    Args:
        path: `crunch2013.zip` or its unpacked folder.
        progress: Shows how far the run is.

    Raises:
        ImportRefusedError: If the files cannot be read or the database refuses; nothing is written then.
    """
    summary = ImportSummary()
    export = read_export(path, summary, progress)
    with whole_or_nothing() as writer:
        people = _write_investors(export, writer, summary, progress)
        startups = _write_companies(export, writer, summary, progress)
        _write_rounds(export, startups, writer, summary, progress)
        _write_investments(export, people, startups, writer, summary, progress)
    return summary


def _write_investors(
    export: CrunchbaseExport, writer: RowWriter, summary: ImportSummary, progress: ProgressReporter
) -> dict[str, UUID]:
    ids = ids_by_external_id(User)
    new = [investor for permalink, investor in export.investors.items() if permalink not in ids]
    users = [_user(investor) for investor in new]
    create_all(users, writer=writer, description="Writing users", progress=progress)
    profiles = [_profile(user, investor) for user, investor in zip(users, new, strict=True)]
    create_all(profiles, writer=writer, description="Writing profiles", progress=progress)
    summary.created["users"] += len(new)
    summary.present["users"] += len(export.investors) - len(new)
    return ids | {investor.permalink: user.id for user, investor in zip(users, new, strict=True)}


def _user(investor: Investor) -> User:
    return User(
        id=identifier_of(SOURCE, "user", investor.permalink),
        external_id=investor.permalink,
        email=placeholder_email(investor.permalink, _EMAIL_DOMAIN),
        name=investor.name,
        role=Role.INVESTOR,
        password=make_password(None),
    )


def _profile(user: User, investor: Investor) -> Profile:
    place = investor.place
    bio = investor_bio(investor.name, investor.permalink, _from_small_to_large(place))
    return Profile(user=user, bio=bio, country=place.country, state=place.state, region=place.region, city=place.city)


def _write_companies(
    export: CrunchbaseExport, writer: RowWriter, summary: ImportSummary, progress: ProgressReporter
) -> dict[str, UUID]:
    ids = ids_by_external_id(Startup)
    first_dates = export.first_dates()
    new = [company for permalink, company in export.companies.items() if permalink not in ids]
    startups = [_startup(company, first_dates[company.permalink]) for company in new]
    create_all(startups, writer=writer, description="Writing startups", progress=progress)
    summary.created["startups"] += len(new)
    summary.present["startups"] += len(export.companies) - len(new)
    return ids | {company.permalink: startup.id for company, startup in zip(new, startups, strict=True)}


def _startup(company: Company, first_date: date) -> Startup:
    place = company.place
    return Startup(
        id=identifier_of(SOURCE, "startup", company.permalink),
        external_id=company.permalink,
        title=company.name,
        description=company_description(company.name, company.category, _from_small_to_large(place)),
        type=StartupType.MARKETPLACE,
        category=company.category,
        country=place.country,
        state=place.state,
        region=place.region,
        city=place.city,
        founded_on=company.founded_on,
        opened_at=_midnight(first_date),
    )


def _write_rounds(
    export: CrunchbaseExport,
    startups: dict[str, UUID],
    writer: RowWriter,
    summary: ImportSummary,
    progress: ProgressReporter,
) -> None:
    present = set(FundingRound.objects.values_list("startup_id", "announced_on", "kind").iterator())
    new = [
        FundingRound(startup_id=startups[company], announced_on=day, kind=kind, amount_usd=funding.amount_usd)
        for (company, day, kind), funding in export.rounds.items()
        if (startups[company], day, kind) not in present
    ]
    create_all(new, writer=writer, description="Writing rounds", progress=progress)
    summary.created["rounds"] += len(new)
    summary.present["rounds"] += len(export.rounds) - len(new)


def _write_investments(
    export: CrunchbaseExport,
    people: dict[str, UUID],
    startups: dict[str, UUID],
    writer: RowWriter,
    summary: ImportSummary,
    progress: ProgressReporter,
) -> None:
    tracked = progress.track(export.investments, description="Writing interactions", total=len(export.investments))
    for batch in batches(tracked):
        create_events([_event(investment, people, startups) for investment in batch], writer, summary)


def _event(investment: Investment, people: dict[str, UUID], startups: dict[str, UUID]) -> InteractionEvent:
    return InteractionEvent(
        user_id=people[investment.investor],
        startup_id=startups[investment.company],
        type=InteractionType.INTEREST,
        occurred_at=_midnight(investment.funded_on),
        idempotency_key=f"{SOURCE}:{investment.company}:{investment.funded_on}:{investment.kind}",
    )


def _from_small_to_large(place: Place) -> tuple[str, str, str, str]:
    return place.city, place.region, place.state, place.country


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
