"""The rendered page: what a reader must find on it, from results written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from quality_figures import Figure
from render import section
from render_quality import verdict


def row(name: str, value: float, interval: list[float] | None = None, against: str | None = None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": "", "interval": interval, "against": against, "ratio": None}


def document(**more: Any) -> dict[str, Any]:
    return {
        "benchmark": "quality",
        "machine": {"cores": 2, "memory_gib": 23.5, "processor": "A processor"},
        "versions": {"python": "3.11"},
        "seed": 1,
        "data": {"name": "raw.zip", "sha256": "ab" * 32},
        **more,
    }


@pytest.fixture
def quality() -> dict[str, Any]:
    part = {"protocol": "Judged by time.", "seeds": [1, 2], "settings": {"ease": {"regularization": 5.0}}, "files": []}
    rows = [
        row("cb/two_tower/ndcg@10", 0.04, [0.03, 0.05], "ease"),
        row("cb/two_tower_minus_best_peer/ndcg@10", 0.02, [0.01, 0.03], "ease"),
        row("cb/two_tower/ndcg@10_over_oracle", 0.8, [0.7, 0.9], "oracle"),
        row("cb/ease/ndcg@10", 0.02, [0.01, 0.03]),
        row("cb/two_tower/recall@50", 0.14, [0.1, 0.2]),
        row("cb/ease/recall@50", 0.08, [0.05, 0.1]),
        row("cb/new_startups/two_tower/recall@20", 0.21, [0.2, 0.22], "ease"),
        row("cb/new_startups/ease/recall@20", 0.05, [0.04, 0.06]),
        row("cb/new_startups/two_tower_minus_best_peer/recall@20", -0.1, [-0.2, -0.05], "ease"),
        row("other/ease/ndcg@10", 0.9, [0.8, 1.0]),
    ]
    other = {"protocol": "Another.", "seeds": [1], "settings": {}, "files": []}
    return document(parts={"cb": part, "other": other}, rows=rows)


def test_tables_are_ordered_best_first_with_the_product_in_bold(quality: dict[str, Any], tmp_path: Path) -> None:
    page = section(quality, tmp_path / "images")
    ours, ease = page.index("| **two_tower** | 0.0400 [0.0300, 0.0500] | 0.1400 |"), page.index("| ease | 0.0200 [")
    assert ours < ease
    assert "| **two_tower** | 0.2100 |" in page, "segments stand in a table of their own"
    assert "Judged by time." in page
    assert "regularization=5.0" in page


def test_differences_carry_their_verdict(quality: dict[str, Any], tmp_path: Path) -> None:
    page = section(quality, tmp_path / "images")
    assert "| **two_tower** | everybody | ndcg@10 | ease (the best) | 0.0200 [0.0100, 0.0300] | ahead |" in page
    behind = "| **two_tower** | new startups | recall@20 | ease (the best) | -0.1000 [-0.2000, -0.0500] | behind |"
    assert behind in page
    assert "| **two_tower** | everybody | ndcg@10 / oracle | 0.8000 [0.7000, 0.9000] |" in page


def test_every_data_set_has_its_plot_the_same_bytes_each_time(quality: dict[str, Any], tmp_path: Path) -> None:
    page = section(quality, tmp_path / "images")
    assert "![quality cb](images/quality_cb.svg)" in page
    first = (tmp_path / "images" / "quality_cb.svg").read_bytes()
    section(quality, tmp_path / "images")
    assert (tmp_path / "images" / "quality_cb.svg").read_bytes() == first
    assert len(first) < 60_000


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0.1, 0.3, "ahead"), (-0.1, 0.3, "not told apart"), (-0.3, -0.1, "behind")]
)
def test_verdict(low: float, high: float, expected: str) -> None:
    name = "d/x_minus_best_peer/ndcg@10"
    assert verdict(Figure.of(row(name, 0.0, [low, high], "ease"))) == expected


def test_other_benchmarks_are_one_table(tmp_path: Path) -> None:
    page = section(document(benchmark="loop", rows=[row("loop/import_s", 22.19)]), tmp_path)
    assert "| `loop/import_s` | 22.19  |" in page
    assert "- `make bench-loop`" in page


def test_the_committed_page_is_what_the_results_render_to(tmp_path: Path) -> None:
    repository = Path(__file__).resolve().parents[2]
    page = (repository / "docs" / "benchmarks.md").read_text()
    for file in sorted((repository / "benchmarks" / "results").glob("*.json")):
        assert section(json.loads(file.read_text()), tmp_path / "images") in page, f"run `make docs` after {file.name}"
