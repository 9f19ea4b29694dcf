from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Preferences, Profile, User
from contracts.interactions import InteractionType
from imports.errors import ImportRefusedError
from imports.progress import SilentProgress
from interactions.models import InteractionEvent
from simulation.config import SimulationConfig
from simulation.platform import SimulatedPlatform
from simulation.seeding import seed_platform
from startups.models import Position, Startup

pytestmark = pytest.mark.django_db
SIZE = {"users": 40, "startups": 30, "days": 20, "seed": 9}


@pytest.fixture
def oracle(tmp_path: Path) -> Path:
    return tmp_path / "oracle.npz"


def call(oracle: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("seed_platform", oracle=oracle, stdout=out, **{**SIZE, **options})
    return out.getvalue()


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows but for the moments of writing and the random unusable passwords."""
    return {
        "users": list(User.objects.order_by("pk").values_list("id", "email", "name", "role", "date_joined")),
        "profiles": list(Profile.objects.order_by("pk").values_list("pk", "bio", "skills", "city", "is_public")),
        "preferences": list(Preferences.objects.order_by("pk").values_list("pk", "categories", "fields", "tags")),
        "startups": list(
            Startup.objects.order_by("pk").values_list("pk", "owner_id", "title", "description", "opened_at", "status")
        ),
        "positions": list(Position.objects.order_by("external_id").values_list("startup_id", "title", "requirements")),
        "events": list(
            InteractionEvent.objects.filter(undoes=None)
            .order_by("user_id", "idempotency_key")
            .values_list("user_id", "startup_id", "type", "occurred_at", "idempotency_key", "recommendation_request_id")
        ),
    }


def test_what_was_simulated_is_in_the_database(
    platform: SimulatedPlatform, config: SimulationConfig, oracle: Path
) -> None:
    summary = seed_platform(config, oracle, SilentProgress())

    assert summary.created == {
        "users": 120,
        "startups": 60,
        "positions": sum(len(venture.positions) for venture in platform.population.ventures),
        "interactions": len(platform.acts),
    }
    assert User.objects.count() == Profile.objects.count() == Preferences.objects.count() == 120
    assert InteractionEvent.objects.count() == len(platform.acts)
    assert oracle.is_file()


def test_records_keep_the_platforms_own_rules(config: SimulationConfig, oracle: Path) -> None:
    seed_platform(config, oracle, SilentProgress())

    for record in (*User.objects.all(), *Profile.objects.all(), *Preferences.objects.all()):
        record.full_clean(exclude=["password"])
    for record in (*Startup.objects.all(), *Position.objects.all()):
        record.full_clean()
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_addresses_tell_role_and_number(config: SimulationConfig, oracle: Path) -> None:
    seed_platform(config, oracle, SilentProgress())
    for role in ("student", "investor", "entrepreneur"):
        assert User.objects.get(email=f"{role}-0001@demo.launchmatch.example").role == role


def test_acts_of_a_visit_share_a_request_and_keep_their_places(config: SimulationConfig, oracle: Path) -> None:
    seed_platform(config, oracle, SilentProgress())
    acts = InteractionEvent.objects.filter(undoes=None).values_list(
        "user_id", "recommendation_request_id", "recommendation_position", "startup_id"
    )
    visitor: dict[UUID | None, UUID] = {}
    shown: dict[tuple[UUID | None, int | None], UUID] = {}
    for user, visit, place, startup in acts:
        assert visitor.setdefault(visit, user) == user
        assert shown.setdefault((visit, place), startup) == startup
        assert 1 <= (place or 0) <= 10


def test_undoings_point_to_their_acts(config: SimulationConfig, oracle: Path) -> None:
    seed_platform(config, oracle, SilentProgress())
    undoings = InteractionEvent.objects.exclude(undoes=None).select_related("undoes")
    assert undoings
    for undoing in undoings:
        act = undoing.undoes
        assert act is not None
        assert (act.user_id, act.startup_id, act.type) == (undoing.user_id, undoing.startup_id, undoing.type)
        assert undoing.idempotency_key == f"undo:{act.pk}"


def test_the_same_options_twice_add_nothing(oracle: Path) -> None:
    call(oracle)
    before, truth = everything(), oracle.read_bytes()

    assert "interactions" in call(oracle)

    assert everything() == before
    assert oracle.read_bytes() == truth


def test_the_same_options_give_the_same_platform_elsewhere(oracle: Path) -> None:
    call(oracle)
    first, truth = everything(), oracle.read_bytes()
    Startup.objects.all().delete()
    User.objects.all().delete()

    call(oracle)

    assert everything() == first
    assert oracle.read_bytes() == truth


def test_a_lost_side_file_is_written_again(oracle: Path) -> None:
    call(oracle)
    truth, rows = oracle.read_bytes(), everything()
    oracle.unlink()
    call(oracle)
    assert oracle.read_bytes() == truth
    assert everything() == rows


def test_a_second_platform_is_refused(oracle: Path) -> None:
    call(oracle)
    before = everything()
    with pytest.raises(CommandError, match=r"holds another simulated platform .* point DATABASE_URL to a new database"):
        call(oracle, seed=10)
    assert everything() == before


def test_it_lives_beside_members_of_its_own(oracle: Path) -> None:
    User.objects.create_user("mina@example.org", "a long enough password")
    call(oracle)
    assert User.objects.count() == 41


def test_nothing_stays_when_the_side_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CommandError, match=r"cannot be written .* free the disk or name another file with --oracle"):
        call(tmp_path / "file" / "oracle.npz")
    assert not User.objects.exists()
    assert not Startup.objects.exists()


def test_an_address_that_is_taken_stops_the_run(oracle: Path) -> None:
    User.objects.create_user("student-0001@demo.launchmatch.example")
    with pytest.raises(CommandError, match=r"the database refused a row .* nothing was imported"):
        call(oracle)
    assert User.objects.count() == 1
    assert not oracle.exists()


@pytest.mark.parametrize(("option", "value"), [("users", 2), ("startups", 0), ("days", 1), ("seed", -1)])
def test_a_platform_too_small_is_refused(oracle: Path, option: str, value: int) -> None:
    with pytest.raises(CommandError, match=f"--{option} must be at least"):
        call(oracle, **{option: value})


def test_a_wrong_day_is_refused(oracle: Path) -> None:
    with pytest.raises(CommandError, match="'tomorrow' is no day; write it like 2026-01-01"):
        call_command("seed_platform", "--until", "tomorrow", "--oracle", str(oracle))


def test_the_days_end_where_asked(oracle: Path) -> None:
    call_command("seed_platform", "--until", "2025-03-01", oracle=oracle, verbosity=0, **SIZE)
    last = InteractionEvent.objects.latest("occurred_at").occurred_at
    assert datetime(2025, 2, 25, tzinfo=UTC) < last < datetime(2025, 3, 1, tzinfo=UTC)


def test_acts_can_be_simulated_only_in_known_types(config: SimulationConfig, oracle: Path) -> None:
    seed_platform(config, oracle, SilentProgress())
    assert set(InteractionEvent.objects.values_list("type", flat=True)) == {kind.value for kind in InteractionType}


def test_a_failure_in_the_middle_leaves_nothing(
    config: SimulationConfig, oracle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ImportRefusedError("the disk is full")

    monkeypatch.setattr("simulation.seeding.ActWriter.write", fails)
    with pytest.raises(ImportRefusedError):
        seed_platform(config, oracle, SilentProgress())
    assert not User.objects.exists()
    assert not oracle.exists()
