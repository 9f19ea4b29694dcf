"""Merging of one data set into the file of all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from quality_document import merge_part
from quality_part import PartResult
from result import Row


def part(folder: Path, name: str, value: float) -> PartResult:
    raw = folder / f"{name}.raw"
    raw.write_text(name)
    row = Row(name=f"{name}/two_tower/ndcg@10", value=value, unit="", interval=(0.0, 1.0), against="ease", ratio=1.5)
    return PartResult(rows=[row], settings={"ease": {"regularization": 5.0}}, sources=[raw], protocol="By time.")


def test_a_part_replaces_its_own_rows_and_keeps_the_others(tmp_path: Path) -> None:
    file = tmp_path / "results" / "quality.json"
    merge_part(file, "one", part(tmp_path, "one", 0.1), seeds=[1, 2, 3])
    merge_part(file, "oneself", part(tmp_path, "oneself", 0.2), seeds=[1])
    merge_part(file, "one", part(tmp_path, "one", 0.3), seeds=[4])
    document = json.loads(file.read_text())
    assert {row["name"]: row["value"] for row in document["rows"]} == {
        "one/two_tower/ndcg@10": 0.3,
        "oneself/two_tower/ndcg@10": 0.2,
    }
    assert document["parts"]["one"]["seeds"] == [4]
    assert document["parts"]["oneself"]["settings"] == {"ease": {"regularization": 5.0}}


def test_the_file_says_where_its_figures_come_from(tmp_path: Path) -> None:
    document = json.loads(merge_part(tmp_path / "q.json", "one", part(tmp_path, "one", 0.1), seeds=[1]).read_text())
    assert document["benchmark"] == "quality"
    assert set(document) >= {"command", "machine", "versions", "seed", "data", "rows"}
    digest = hashlib.sha256(b"one").hexdigest()
    assert document["parts"]["one"]["files"] == [{"name": "one.raw", "sha256": digest}]
    assert document["data"] == {"name": "one.raw", "sha256": hashlib.sha256(digest.encode()).hexdigest()}
    assert set(document["rows"][0]) == {"name", "value", "unit", "interval", "against", "ratio"}
