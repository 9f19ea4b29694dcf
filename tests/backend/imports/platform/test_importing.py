from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from imports.platform.importing import import_platform
from imports.progress import SilentProgress
from imports.summary import ImportSummary
from interactions.models import InteractionEvent
from startups.models import FundingRound, Position, Startup

pytestmark = pytest.mark.django_db
FolderWriter = Callable[..., Path]


def run(folder: Path) -> ImportSummary:
    return import_platform(folder, SilentProgress())


def one_of_each(write_folder: FolderWriter) -> Path:
    return write_folder(users=[{}], startups=[{}], positions=[{}], rounds=[{}], interactions=[{}])


def only_refusal(summary: ImportSummary) -> tuple[str, str, str]:
    (((kind, reason), count),) = summary.refused.items()
    assert count == 1
    return kind, reason, summary.examples[kind, reason][0]


def test_every_table_comes_in(write_folder: FolderWriter) -> None:
    summary = run(one_of_each(write_folder))

    assert summary.created == {"users": 1, "startups": 1, "positions": 1, "rounds": 1, "interactions": 1}
    assert not summary.refused
    assert Position.objects.get(external_id="p-1").startup.external_id == "s-1"
    assert FundingRound.objects.get().announced_on == date(2025, 2, 1)
    assert InteractionEvent.objects.get().occurred_at == datetime(2025, 1, 8, 10, tzinfo=UTC)


def test_a_second_run_adds_nothing(write_folder: FolderWriter) -> None:
    folder = one_of_each(write_folder)
    run(folder)

    again = run(folder)

    assert again.created.total() == 0
    assert again.present == {"users": 1, "startups": 1, "positions": 1, "rounds": 1, "interactions": 1}
    assert User.objects.count() == Startup.objects.count() == InteractionEvent.objects.count() == 1


def test_a_later_run_may_bring_only_what_is_new(write_folder: FolderWriter) -> None:
    folder = write_folder(users=[{}], startups=[{}])
    run(folder)
    for file in folder.iterdir():
        file.unlink()

    assert run(write_folder(interactions=[{}])).created == {"interactions": 1}


def test_a_person_keeps_all_that_is_told(write_folder: FolderWriter) -> None:
    told = {
        "email": "Mina@Example.org",
        "name": "Mina Tamm",
        "joined_at": "2025-01-03T10:00:00+02:00",
        "bio": 'Likes heat pumps,\nand quotes ""',
        "skills": "python| sql |python|",
        "city": "Tallinn",
        "is_public": "no",
        "preferred_categories": "cleantech",
    }
    run(write_folder(users=[told]))

    user = User.objects.get()
    assert (user.email, user.name, user.role) == ("mina@example.org", "Mina Tamm", "student")
    assert user.date_joined == datetime(2025, 1, 3, 8, tzinfo=UTC)
    assert not user.has_usable_password()
    assert (user.profile.bio, user.profile.city) == (told["bio"], "Tallinn")
    assert user.profile.skills == ["python", "sql"]
    assert user.profile.is_public is False
    assert user.preferences.categories == ["cleantech"]


def test_a_person_without_email_gets_a_placeholder(write_folder: FolderWriter) -> None:
    run(write_folder(users=[{}]))
    user = User.objects.get()
    assert user.email.endswith("@import.invalid")
    assert user.profile.is_public is True


@pytest.mark.parametrize(
    ("table", "change", "reason", "example"),
    [
        ("users", {"external_id": ""}, "external_id is missing", "row 3"),
        ("users", {"role": "pirate"}, "role is none of entrepreneur, student, investor", "row 3 ('pirate')"),
        ("users", {"email": "nobody"}, "email: Enter a valid email address.", "row 3 ('nobody')"),
        ("users", {"name": "x" * 151}, "name has more than 150 characters", f"row 3 ({'x' * 56!r:.57}...)"),
        ("users", {"joined_at": "soon"}, "joined_at is no moment (2025-01-31T09:30:00+00:00)", "row 3 ('soon')"),
        ("users", {"is_public": "maybe"}, "is_public is no flag (true or false)", "row 3 ('maybe')"),
        ("users", {"external_id": "u-1"}, "the external_id stands twice", "row 3 (u-1)"),
        ("startups", {"type": "shop"}, "type is none of marketplace, collaboration", "row 3 ('shop')"),
        ("startups", {"status": "gone"}, "status is none of active, hidden, sold, closed", "row 3 ('gone')"),
        ("startups", {"title": ""}, "title is missing", "row 3"),
        ("startups", {"opened_at": ""}, "opened_at is missing", "row 3"),
        ("startups", {"founded_on": "1/2/2025"}, "founded_on is no day (2025-01-31)", "row 3 ('1/2/2025')"),
        (
            "startups",
            {"closed_at": "2024-01-01"},
            "closed_at is before opened_at",
            "row 3 (2024-01-01T00:00:00+00:00)",
        ),
        (
            "startups",
            {"owner_external_id": "u-9"},
            "it names a user that is neither in users nor on the platform",
            "row 3 (u-9)",
        ),
        (
            "positions",
            {"startup_external_id": "s-9"},
            "it names a startup that is neither in startups nor on the platform",
            "row 3 (s-9)",
        ),
        ("rounds", {"amount_usd": "much"}, "amount_usd is no number", "row 3 ('much')"),
        ("rounds", {"amount_usd": "nan"}, "amount_usd is no number", "row 3 ('nan')"),
        ("rounds", {"amount_usd": "-1"}, "amount_usd is below 0", "row 3 (-1.0)"),
        (
            "rounds",
            {"kind": "seed"},
            "a round of the same startup, day and kind stands twice",
            "row 3 (s-1 2025-02-01 seed)",
        ),
        (
            "interactions",
            {"user_external_id": "u-9"},
            "it names a user that is neither in users nor on the platform",
            "row 3 (u-9)",
        ),
        (
            "interactions",
            {"type": "poke"},
            "type is none of apply, interest, favorite, like, click, view, dislike",
            "row 3 ('poke')",
        ),
        (
            "interactions",
            {"occurred_at": "2999-01-01"},
            "occurred_at lies in the future",
            "row 3 (2999-01-01T00:00:00+00:00)",
        ),
        ("interactions", {"key": "k" * 194}, "a key has more than 193 characters", f"row 3 ({'k' * 20}...)"),
    ],
)
def test_a_bad_row_is_refused_by_number_and_reason(
    write_folder: FolderWriter, table: str, change: dict[str, str], reason: str, example: str
) -> None:
    """Each table has a good row 2 and, in one of them, a bad row 3."""
    other = {"users": {"external_id": "u-2"}, "startups": {"external_id": "s-2"}, "positions": {"external_id": "p-2"}}
    rows: dict[str, list[dict[str, Any]]] = {
        "users": [{}],
        "startups": [{}],
        "positions": [{}],
        "rounds": [{}],
        "interactions": [{}],
    }
    rows[table].append({**other.get(table, {}), **({"kind": "angel"} if table == "rounds" else {}), **change})
    if table == "interactions":
        rows[table][1].setdefault("occurred_at", "2025-01-09")

    summary = run(write_folder(**rows))

    assert only_refusal(summary) == (table, reason, example)
    assert summary.created == {"users": 1, "startups": 1, "positions": 1, "rounds": 1, "interactions": 1}


def test_an_email_belongs_to_one_person(write_folder: FolderWriter, make_user: Callable[..., User]) -> None:
    make_user(email="mina@example.org")
    rows = [{"email": "MINA@example.org"}, {"external_id": "u-2", "email": "a@b.org"}]

    summary = run(write_folder(users=[*rows, {"external_id": "u-3", "email": "a@b.org"}]))

    assert summary.created["users"] == 1
    assert summary.examples["users", "the email belongs to another person"] == [
        "row 2 (mina@example.org)",
        "row 4 (a@b.org)",
    ]


def test_acts_on_ones_own_startup_are_refused(write_folder: FolderWriter) -> None:
    summary = run(write_folder(users=[{}], startups=[{"owner_external_id": "u-1"}], interactions=[{}]))
    assert only_refusal(summary) == ("interactions", "the user owns the startup", "row 2 (s-1)")


def test_the_same_act_without_a_key_stands_once(write_folder: FolderWriter) -> None:
    later = {"occurred_at": "2025-01-08T10:00:00.000001"}
    summary = run(write_folder(users=[{}], startups=[{}], interactions=[{}, {}, later]))
    assert summary.created["interactions"] == 2
    assert only_refusal(summary)[:2] == ("interactions", "the act stands twice")


def test_two_people_may_use_the_same_key(write_folder: FolderWriter) -> None:
    acts = [{"key": "1"}, {"key": "1", "user_external_id": "u-2"}]
    summary = run(write_folder(users=[{}, {"external_id": "u-2"}], startups=[{}], interactions=acts))
    assert summary.created["interactions"] == 2


def test_names_with_spaces_stay_apart(write_folder: FolderWriter) -> None:
    folder = write_folder(
        users=[{"external_id": "u"}, {"external_id": "u 1"}],
        startups=[{}],
        interactions=[{"user_external_id": "u 1", "key": "like"}, {"user_external_id": "u", "key": "1 like"}],
    )
    summary = run(folder)
    assert (summary.created["interactions"], summary.refused) == (2, {})


UNDO = {"occurred_at": "2025-01-09", "undoes": "like-1"}


def test_an_undoing_names_its_act_wherever_it_stands(write_folder: FolderWriter) -> None:
    folder = write_folder(users=[{}], startups=[{}], interactions=[UNDO, {"key": "like-1", "undoes": ""}])
    assert run(folder).created["interactions"] == 2

    act = InteractionEvent.objects.get(undoes=None)
    assert act.undone_by.idempotency_key == f"undo:{act.pk}"
    assert run(folder).present["interactions"] == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"undoes": "like-2"}, "undoes is no key of an act of the same user, startup and type"),
        ({"type": "click"}, "undoes is no key of an act of the same user, startup and type"),
        ({"user_external_id": "u-2"}, "undoes is no key of an act of the same user, startup and type"),
        ({"occurred_at": "2025-01-07"}, "occurred_at is before the act that it undoes"),
    ],
)
def test_a_wrong_undoing_is_refused(write_folder: FolderWriter, change: dict[str, str], reason: str) -> None:
    acts = [{"key": "like-1", "undoes": ""}, {**UNDO, **change}]
    summary = run(write_folder(users=[{}, {"external_id": "u-2"}], startups=[{}], interactions=acts))
    assert only_refusal(summary)[:2] == ("interactions", reason)
    assert summary.examples["interactions", reason][0].startswith("row 3")


def test_an_act_is_undone_once(write_folder: FolderWriter) -> None:
    acts = [{"key": "like-1", "undoes": ""}, UNDO, {**UNDO, "occurred_at": "2025-01-10"}]
    summary = run(write_folder(users=[{}], startups=[{}], interactions=acts))
    assert summary.created["interactions"] == 2
    assert only_refusal(summary)[1] == "the undoing of the same act stands twice"


def test_parquet_comes_in_with_its_own_types(write_folder: FolderWriter) -> None:
    folder = write_folder(users=[{}])
    opened, moment = datetime(2025, 1, 6, tzinfo=UTC), datetime(2025, 1, 8, 10)
    startups = {"external_id": ["7", "8"], "title": ["A", "B"], "type": ["marketplace"] * 2}
    typed = {"opened_at": [opened, opened], "tags": [["b2b", "api"], None], "founded_on": [date(2024, 5, 1), None]}
    pq.write_table(pa.table({**startups, **typed}), folder / "startups.parquet")
    acts = {"user_external_id": ["u-1"], "startup_external_id": [7], "type": ["view"], "occurred_at": [moment]}
    pq.write_table(pa.table(acts), folder / "interactions.parquet")

    summary = run(folder)

    assert not summary.refused
    first, second = Startup.objects.order_by("external_id")
    assert (first.tags, first.founded_on, second.tags, second.founded_on) == (
        ["b2b", "api"],
        date(2024, 5, 1),
        [],
        None,
    )
    assert InteractionEvent.objects.get().occurred_at == moment.replace(tzinfo=UTC)


def test_batches_do_not_change_the_outcome(write_folder: FolderWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.batching.batches.__defaults__", (2,))
    start = datetime(2025, 1, 8, tzinfo=UTC)
    acts = [{"occurred_at": (start + timedelta(hours=hour)).isoformat()} for hour in range(7)]
    assert run(write_folder(users=[{}], startups=[{}], interactions=acts)).created["interactions"] == 7


def test_a_run_that_fails_half_way_leaves_nothing(write_folder: FolderWriter) -> None:
    folder = one_of_each(write_folder)
    (folder / "interactions.csv").write_text("user_external_id,startup_external_id,type\nu-1,s-1,like\n")

    with pytest.raises(CommandError, match=r"interactions\.csv lacks the column 'occurred_at'"):
        call_command("import_platform", str(folder), verbosity=0)

    assert not User.objects.exists()
    assert not Startup.objects.exists()


def test_the_command_names_refused_rows_and_the_next_step(write_folder: FolderWriter) -> None:
    out = io.StringIO()
    folder = write_folder(users=[{}, {"external_id": "u-2", "role": "pirate"}])
    call_command("import_platform", str(folder), stdout=out)
    assert "1 users: role is none of entrepreneur, student, investor; e.g. row 3 ('pirate')" in out.getvalue()
    assert "Next: python manage.py generate_embeddings" in out.getvalue()


def test_people_without_a_joining_date_joined_now(write_folder: FolderWriter) -> None:
    run(write_folder(users=[{}]))
    assert timezone.now() - User.objects.get().date_joined < timedelta(minutes=1)
