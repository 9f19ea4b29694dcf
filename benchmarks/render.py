"""Renders docs/benchmarks.md from the results: `make docs`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render_quality import quality_section

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "benchmarks" / "results"
TARGET = REPOSITORY / "docs" / "benchmarks.md"
IMAGES = REPOSITORY / "docs" / "images"
HEADER = """\
# Benchmarks

Rendered by `make docs` from `benchmarks/results/*.json`, never typed. Each section is rerun by its command.
"""


def main() -> None:
    """Write the page."""
    documents = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    TARGET.write_text("\n".join([HEADER, *(section(document, IMAGES) for document in documents)]))
    print(f"{len(documents)} benchmarks rendered to {TARGET.relative_to(REPOSITORY)}")


def section(document: Mapping[str, Any], images: Path) -> str:
    """The Markdown of one result: where it comes from, then its figures."""
    body = quality_section(document, images) if "parts" in document else _plain_table(document)
    return "\n".join([f"## {document['benchmark']}", "", *_facts(document), "", *body, ""])


def _facts(document: Mapping[str, Any]) -> list[str]:
    machine, versions, data = document["machine"], document["versions"], document["data"]
    return [
        f"- `make bench-{document['benchmark']}`",
        f"- {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['processor']}",
        "- " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        *([f"- seed {document['seed']}"] if document["seed"] is not None else []),
        *([f"- data {data['name']}, SHA-256 `{data['sha256'][:16]}…`"] if data else []),
    ]


def _plain_table(document: Mapping[str, Any]) -> list[str]:
    head = ["| figure | value | interval | against | ratio |", "|---|---:|---|---|---:|"]
    return [*head, *map(_row, document["rows"])]


def _row(row: Mapping[str, Any]) -> str:
    interval = f"[{row['interval'][0]:.4g}, {row['interval'][1]:.4g}]" if row["interval"] else ""
    ratio = f"{row['ratio']:.3g}" if row["ratio"] is not None else ""
    return f"| `{row['name']}` | {row['value']:.5g} {row['unit']} | {interval} | {row['against'] or ''} | {ratio} |"


if __name__ == "__main__":
    main()
