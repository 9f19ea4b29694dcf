"""The page for operators against what it speaks of: settings, figures, commands, and the proofs of its fault table."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from recommendation_service.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "operations.md").read_text()
PROOFS = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)


def names_in(file: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize(("file", "name"), PROOFS)
def test_every_proof_is_a_test(file: str, name: str) -> None:
    assert (REPOSITORY / file).is_file()
    assert not name or name in names_in(REPOSITORY / file)


def test_every_fault_that_is_tested_stands_in_the_table() -> None:
    files = sorted((REPOSITORY / "tests" / "faults").glob("test_*.py"))
    tested = {(f"tests/faults/{file.name}", name) for file in files for name in names_in(file)}
    assert tested - set(PROOFS) == set()


def test_every_setting_is_described_and_every_described_one_exists() -> None:
    section = PAGE.split("### Settings of the recommendation service")[1].split("###")[0]
    described = set(re.findall(r"`([A-Z_]+)`", section))
    assert described == {name.upper() for name in Settings.model_fields}


def test_defaults_are_those_that_hold() -> None:
    section = PAGE.split("### Settings of the recommendation service")[1].split("###")[0]
    rows = [row.split("|") for row in section.splitlines() if row.startswith("| `")]
    for names, defaults in ((row[1], row[2]) for row in rows):
        fields = [Settings.model_fields[name.lower()] for name in re.findall(r"`(\w+)`", names)]
        numbers = [value.strip() for value in defaults.split(",")]
        for field, number in zip(fields, numbers, strict=False):
            if re.fullmatch(r"[\d.]+", number) and number.count(".") < 2:
                assert float(field.default) == float(number), names


def test_every_figure_to_watch_exists() -> None:
    source = (REPOSITORY / "recommendation_service" / "http_api" / "metrics.py").read_text()
    for figure in set(re.findall(r"launchmatch_service_(\w+)", PAGE)):
        name = re.sub(r"_(total|bucket|count|sum)$", "", figure)
        assert f'"{name}"' in source, figure


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`(?:\S+ )?make ([a-z-]+)`", PAGE)) <= targets
