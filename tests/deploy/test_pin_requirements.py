"""The pins are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[2]
OLD = "old==1\n"


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the script writes, with the pins of before."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "deploy"))
    import pin_requirements

    target = tmp_path / "recommendation_service" / "requirements.txt"
    target.parent.mkdir()
    target.write_text(OLD)
    (tmp_path / "pyproject.toml").write_bytes((REPOSITORY / "pyproject.toml").read_bytes())
    monkeypatch.setattr(pin_requirements, "REPOSITORY", tmp_path)
    monkeypatch.setattr(pin_requirements, "TARGET", target)
    return target


def test_every_pin_is_exact_and_the_project_comes_last(target: Path) -> None:
    import pin_requirements

    pin_requirements.main()
    *pins, project = [line for line in target.read_text().splitlines() if not line.startswith("#")]
    assert project == "-e .."
    assert all([one.operator for one in Requirement(pin).specifier] == ["=="] for pin in pins)
    assert {"flask", "django", "torch"} <= {Requirement(pin).name for pin in pins}


def test_a_disk_that_fails_leaves_the_old_pins(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The write breaks off half-way, as on a full disk."""
    import pin_requirements

    def torn(path: Path, content: bytes | str, *_: object, **__: object) -> int:
        text = content if isinstance(content, str) else content.decode()
        with path.open("w") as file:
            file.write(text[: len(text) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", torn)
    monkeypatch.setattr(Path, "write_bytes", torn)
    with pytest.raises(OSError, match="No space left"):
        pin_requirements.main()
    assert target.read_text() == OLD
    assert [file.name for file in target.parent.iterdir()] == [target.name]
