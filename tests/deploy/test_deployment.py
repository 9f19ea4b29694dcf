"""What `deploy/` holds for servers, read as their programs read it; no systemd or container engine is needed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from config.environment import Environment
from recommendation_service.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
DEPLOY = REPOSITORY / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SETTINGS = {name.upper() for name in (*Environment.model_fields, *Settings.model_fields)}
OF_THE_PROCESS = {"OMP_NUM_THREADS", "PYTHONUNBUFFERED", "PATH"}
INSTALLED = "/opt/launchmatch/"
HARDENED = (
    "NoNewPrivileges",
    "LockPersonality",
    "PrivateTmp",
    "ProtectControlGroups",
    "ProtectHome",
    "ProtectKernelModules",
    "ProtectKernelTunables",
    "RestrictNamespaces",
    "RestrictRealtime",
    "RestrictSUIDSGID",
)


def unit(file: Path) -> dict[str, dict[str, list[str]]]:
    """Sections of keys, each with all its values."""
    sections: dict[str, dict[str, list[str]]] = {}
    for line in file.read_text().splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), defaultdict(list))
        elif line.strip() and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, f"{file.name}: {line}"
            section[key].append(value)
    return sections


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def environment_example() -> dict[str, str]:
    lines = (DEPLOY / "launchmatch.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def require_command(words: list[str]) -> None:
    """A program of the virtual environment, and every file of the checkout that is named."""
    for word in words:
        if word.startswith(INSTALLED) and "/.venv/" not in word:
            assert (REPOSITORY / word.removeprefix(INSTALLED)).exists(), word
        elif "/.venv/bin/" in word:
            assert Path(word).name in {"python", "granian"}, word
        elif re.fullmatch(r"[\w.]+:\w+", word):
            module, name = word.split(":")
            source = REPOSITORY / "backend" / f"{module.replace('.', '/')}.py"
            assert re.search(rf"^{name} =", source.read_text(), re.MULTILINE), word


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_a_unit_gives_up_what_it_does_not_need(file: Path) -> None:
    service = unit(file)["Service"]
    assert service["CapabilityBoundingSet"] == [""]
    assert {service[name][0] for name in HARDENED} == {"true"}
    assert service["ProtectSystem"][0] in {"strict", "full"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    """With programs that are here in place of those of an installation."""
    for file in (*UNITS, *(DEPLOY / "systemd").glob("*.timer")):
        text = re.sub(
            r"/opt/launchmatch/\.venv/bin/\w+|/usr/bin/postgres|/usr/bin/initdb", "/bin/true", file.read_text()
        )
        (tmp_path / file.name).write_text(text)
    command = ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_an_operators_secrets_are_neither_committed_nor_sent_to_an_image() -> None:
    ignored = (REPOSITORY / ".gitignore").read_text().splitlines()
    assert {"/deploy/launchmatch.env", "/deploy/database_password.txt"} <= set(ignored)
    rules = [line for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = {name for line in lines if line.startswith("COPY") and "--from" not in line for name in line.split()[1:-1]}
    assert let_in == copied
    assert {"recommendation_service/models", "recommendation_service/data"} <= set(rules)


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_a_unit_starts_what_there_is_without_privileges(file: Path) -> None:
    sections = unit(file)
    service = sections["Service"]
    if service["Type"] != ["oneshot"]:
        assert "Install" in sections
        assert service["Restart"][0] in {"always", "on-failure"}
    assert service["User"][0] != "root"
    for command in (*service["ExecStartPre"], *service["ExecStart"]):
        require_command(shlex.split(command))
    assert {line.split("=")[0] for line in service["Environment"]} <= SETTINGS | OF_THE_PROCESS
    for folder in service["WorkingDirectory"]:
        assert (REPOSITORY / folder.removeprefix(INSTALLED)).is_dir()


def test_every_timer_starts_a_unit_that_there_is() -> None:
    timers = list((DEPLOY / "systemd").glob("*.timer"))
    assert timers
    for timer in timers:
        assert timer.with_suffix(".service").is_file()
        assert unit(timer)["Timer"]["OnCalendar"]


def test_every_command_of_a_unit_is_a_command_of_the_platform() -> None:
    commands = get_commands()
    for file in UNITS:
        service = unit(file)["Service"]
        for words in map(shlex.split, (*service["ExecStartPre"], *service["ExecStart"])):
            if words[1].endswith("manage.py"):
                assert words[2] in commands


def test_the_service_is_given_the_time_it_takes_to_stop() -> None:
    sections = unit(DEPLOY / "systemd" / "launchmatch-service.service")
    assert int(sections["Service"]["TimeoutStopSec"][0]) > Settings.model_fields["stop_seconds"].default


def test_the_database_is_made_where_it_is_started_and_asked_for() -> None:
    """The folder of its records, the folder of its socket, its role and its name, each as all files spell it."""
    service = unit(DEPLOY / "systemd" / "launchmatch-postgresql.service")["Service"]
    (made,), (started,) = service["ExecStartPre"], service["ExecStart"]
    folder, socket = re.findall(r" -[Dk] (\S+)", started)
    assert f"test -e {folder}/PG_VERSION || exec /usr/bin/initdb " in made
    assert f' -D {folder}"' in made
    assert f"/var/lib/{service['StateDirectory'][0]}/" in folder
    assert f"/run/{service['RuntimeDirectory'][0]}" == socket
    page = (REPOSITORY / "docs" / "operations.md").read_text()
    role = re.search(rf"createuser --host={socket} (\w+)\n", page)
    database = re.search(rf"createdb --host={socket} --owner=(\w+) (\w+)\n", page)
    assert role
    assert database
    assert role[1] == database[1] == unit(DEPLOY / "systemd" / "launchmatch-service.service")["Service"]["User"][0]
    assert environment_example()["DATABASE_URL"] == f"postgresql://{role[1]}@/{database[2]}?host={socket}"


def test_trainings_outlive_a_restart_of_the_platform() -> None:
    assert unit(DEPLOY / "systemd" / "launchmatch-platform.service")["Service"]["KillMode"] == ["process"]


def test_the_environment_names_settings_and_holds_no_secret() -> None:
    example = environment_example()
    assert set(example) <= SETTINGS
    assert {"LAUNCHMATCH_PRODUCTION", "SECRET_KEY", "SERVICE_KEYS", "RECOMMENDATION_SERVICE_KEYS"} <= set(example)
    assert example["SECRET_KEY"] == ""
    assert example["SERVICE_KEYS"] == example["RECOMMENDATION_SERVICE_KEYS"] == '{"2026-01":""}'


def test_compose_runs_both_houses_and_their_database(compose: Any) -> None:
    services = compose["services"]
    assert {"database", "service", "platform"} <= set(services)
    for name in ("service", "platform"):
        house = services[name]
        assert house["env_file"] == "launchmatch.env"
        assert house["cap_drop"] == ["ALL"]
        assert house["read_only"] is True
        assert set(house.get("environment", {})) <= SETTINGS
        assert "ports" not in house or all(port.startswith("127.0.0.1:") for port in house["ports"])
        require_command([word for word in house["command"] if not word.startswith("-")])
        assert {volume.split(":")[0] for volume in house["volumes"]} <= set(compose["volumes"])
    assert "ports" not in services["service"]
    assert services["platform"]["environment"]["RECOMMENDATION_SERVICE_URL"] == "http://service:5001"
    assert services["service"]["environment"]["SERVICE_PORT"] == "5001"


def test_compose_holds_no_password(compose: Any) -> None:
    assert not re.search(r"PASSWORD:|SECRET_KEY|:\S+@", (DEPLOY / "compose.yaml").read_text())
    assert compose["services"]["database"]["environment"]["POSTGRES_PASSWORD_FILE"].startswith("/run/secrets/")


def test_the_image_copies_what_there_is_and_runs_as_nobody_special() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY") and "--from" not in line]
    for source in (name for names in copied for name in names):
        assert (REPOSITORY / source).exists(), source
    assert "USER launchmatch" in lines
    command = next(line for line in lines if line.startswith("CMD"))
    assert (REPOSITORY / command.split('"')[3]).is_file()
