from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Preferences, User
from imports.crunchbase.importing import import_crunchbase
from imports.errors import ImportRefusedError
from imports.progress import SilentProgress
from interactions.models import InteractionEvent
from startups.models import FundingRound, Startup

pytestmark = pytest.mark.django_db
ExportWriter = Callable[..., Path]


def moment(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize("zipped", [False, True])
def test_counts_what_came_in_and_what_was_refused(write_export: ExportWriter, zipped: bool) -> None:
    summary = import_crunchbase(write_export(zipped=zipped), SilentProgress())

    assert summary.read == {"companies": 3, "rounds": 4, "investments": 5}
    assert summary.created == {"users": 2, "startups": 3, "rounds": 2, "interactions": 2}
    assert summary.refused == {
        ("companies", "the company stands twice"): 1,
        ("rounds", "a round of the same company, day and kind stands twice"): 1,
        ("rounds", "a date is missing or is none"): 1,
        ("investments", "the investment stands twice"): 1,
        ("investments", "a date is missing or is none"): 1,
        ("investments", "a permalink is missing or is none"): 1,
    }
    assert summary.examples["rounds", "a date is missing or is none"] == ["row 4 ('someday')"]


def test_an_investor_becomes_a_person_who_cannot_log_in(write_export: ExportWriter) -> None:
    import_crunchbase(write_export(), SilentProgress())

    person = User.objects.select_related("profile").get(external_id="/person/alma")
    assert (person.name, person.role) == ("Alma Åberg", "investor")
    assert not person.has_usable_password()
    assert person.email.startswith("person-alma-")
    assert person.email.endswith("@crunchbase.invalid")
    assert (person.profile.country, person.profile.region, person.profile.city) == ("SWE", "", "Malmö")
    assert person.profile.bio == "Alma Åberg is an individual investor in Malmö, SWE."
    assert not Preferences.objects.exists(), "preferences from investments would leak them"


def test_investors_that_share_a_slug_stay_apart(write_export: ExportWriter) -> None:
    lines = [
        "/company/x,X,,USA,,unknown,,/person/alma,Alma,,,,unknown,,angel,2011-03-04,,,,",
        "/company/x,X,,USA,,unknown,,/company/alma,Alma,,,,unknown,,angel,2011-03-04,,,,",
    ]
    path = write_export()
    investments = path / "crunchbase-investments.csv"
    header = investments.read_bytes().split(b"\r")[0]
    investments.write_bytes(b"\r".join([header, *(line.encode() for line in lines)]))

    import_crunchbase(path, SilentProgress())

    assert User.objects.values("email").distinct().count() == 2
    assert InteractionEvent.objects.count() == 2


def test_a_company_becomes_a_startup_without_what_the_future_told(write_export: ExportWriter) -> None:
    import_crunchbase(write_export(), SilentProgress())

    startup = Startup.objects.get(external_id="/company/alma")
    assert (startup.title, startup.type, startup.category) == ("Alma", "marketplace", "games-video")
    assert startup.status == "active", "the export says acquired, as of its own day"
    assert startup.closed_at is None
    assert startup.founded_on == date(2010, 5, 1)
    assert startup.opened_at == moment(2009, 11, 30), "its first round came before its official founding"
    assert startup.description == "Alma is a games video company in San Francisco, SF Bay, CA, USA."
    assert (startup.stages, startup.tags, startup.phase) == ([], [], "")


def test_a_spoilt_name_is_read_from_the_permalink(write_export: ExportWriter) -> None:
    import_crunchbase(write_export(), SilentProgress())

    startup = Startup.objects.get(external_id="/company/n-plusn")
    assert startup.title == "N Plusn"
    assert startup.opened_at == moment(2013, 10, 1), "no date is known, so it only surely exists at the export"


def test_a_company_that_is_only_mentioned_comes_in(write_export: ExportWriter) -> None:
    import_crunchbase(write_export(), SilentProgress())

    startup = Startup.objects.get(external_id="/company/ghost")
    assert (startup.title, startup.region, startup.opened_at) == ("Ghost", "", moment(2011, 3, 4))


def test_rounds_and_interest_keep_their_dates(write_export: ExportWriter) -> None:
    import_crunchbase(write_export(), SilentProgress())

    rounds = FundingRound.objects.filter(startup__external_id="/company/alma")
    assert list(rounds.values_list("announced_on", "kind", "amount_usd")) == [
        (date(2009, 11, 30), "series-a", 1_000_000.0),
        (date(2012, 8, 1), "angel", None),
    ]
    event = InteractionEvent.objects.get(user__external_id="/person/alma")
    assert (event.type, event.occurred_at, event.startup.title) == ("interest", moment(2009, 11, 30), "Alma")


def test_a_second_run_adds_nothing(write_export: ExportWriter) -> None:
    path = write_export()
    import_crunchbase(path, SilentProgress())
    keys = set(User.objects.values_list("id", flat=True))

    again = import_crunchbase(path, SilentProgress())

    assert again.created.total() == 0
    assert again.present == {"users": 2, "startups": 3, "rounds": 2, "interactions": 2}
    assert set(User.objects.values_list("id", flat=True)) == keys
    assert InteractionEvent.objects.count() == 2


def test_a_run_that_fails_half_way_leaves_nothing(write_export: ExportWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("imports.crunchbase.importing.create_events", killed)
    with pytest.raises(KeyboardInterrupt):
        import_crunchbase(write_export(), SilentProgress())

    assert not User.objects.exists()
    assert not Startup.objects.exists()
    assert not FundingRound.objects.exists()


def test_the_command_tells_what_came_in_and_what_to_do_next(write_export: ExportWriter) -> None:
    out = io.StringIO()
    call_command("import_crunchbase", str(write_export()), stdout=out)

    assert "1 rounds: a date is missing or is none; e.g. row 4 ('someday')" in out.getvalue()
    assert "Next: python manage.py generate_embeddings" in out.getvalue()


def test_silence_can_be_asked_for(write_export: ExportWriter, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_crunchbase", str(write_export()), verbosity=0)
    assert capsys.readouterr() == ("", "")


def test_a_missing_path_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"there is no .*nowhere; give the path of crunch2013\.zip"):
        call_command("import_crunchbase", str(tmp_path / "nowhere"), verbosity=0)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_missing_table_is_named(write_export: ExportWriter, zipped: bool) -> None:
    path = write_export(zipped=zipped, without="rounds")
    with pytest.raises(CommandError, match=r"holds no crunchbase-rounds\.csv"):
        call_command("import_crunchbase", str(path), verbosity=0)


def test_a_missing_column_is_named(write_export: ExportWriter) -> None:
    path = write_export(companies=["permalink,name", "/company/alma,Alma"])
    with pytest.raises(CommandError, match="lacks the column category_code"):
        call_command("import_crunchbase", str(path), verbosity=0)
    assert not Startup.objects.exists()


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crunch2013.zip"
    path.write_text("<html>404</html>")
    with pytest.raises(CommandError, match="is not a zip file"):
        call_command("import_crunchbase", str(path), verbosity=0)


def test_an_unmigrated_database_names_the_cure(write_export: ExportWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.transaction.MigrationExecutor.migration_plan", lambda *_: ["0001_initial"])
    with pytest.raises(CommandError, match=r"lacks 1 migrations; run `python manage\.py migrate` first"):
        call_command("import_crunchbase", str(write_export()), verbosity=0)


def test_a_damaged_zip_is_refused_and_nothing_comes_in(write_export: ExportWriter) -> None:
    path = write_export(zipped=True)
    data = path.read_bytes()
    path.write_bytes(data.replace(b",Alma,games_video,", b",Olma,games_video,"))  # the checksum still says Alma
    with pytest.raises(ImportRefusedError, match=r"cannot be read \(Bad CRC-32 .+\); .*download crunch2013\.zip again"):
        import_crunchbase(path, SilentProgress())
    assert not Startup.objects.exists()


def test_a_table_whose_quote_never_ends_is_refused(write_export: ExportWriter) -> None:
    path = write_export()
    (path / "crunchbase-rounds.csv").write_bytes(b'company_permalink,"' + b"x" * 1_100_000)
    with pytest.raises(ImportRefusedError, match=r"crunchbase-rounds\.csv in .+ cannot be read \(field larger"):
        import_crunchbase(path, SilentProgress())
