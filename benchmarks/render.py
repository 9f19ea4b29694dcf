"""Renders docs/benchmarks.md from the results: `make docs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "benchmarks" / "results"
TARGET = REPOSITORY / "docs" / "benchmarks.md"
HEADER = """\
# Benchmarks

Rendered by `make docs` from `benchmarks/results/*.json`, never typed. Each section is rerun by its command.
"""


def main() -> None:
    """Write the page."""
    documents = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    TARGET.write_text("\n".join([HEADER, *map(_section, documents)]))
    print(f"{len(documents)} benchmarks rendered to {TARGET.relative_to(REPOSITORY)}")


def _section(document: dict[str, Any]) -> str:
    machine, versions, data = document["machine"], document["versions"], document["data"]
    facts = [
        f"`make bench-{document['benchmark']}`",
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['processor']}",
        ", ".join(f"{name} {version}" for name, version in versions.items()),
        *([f"seed {document['seed']}"] if document["seed"] is not None else []),
        *([f"data {data['name']}, SHA-256 `{data['sha256'][:16]}…`"] if data else []),
    ]
    lines = [f"## {document['benchmark']}", "", *[f"- {fact}" for fact in facts], ""]
    lines += ["| figure | value | interval | against | ratio |", "|---|---:|---|---|---:|"]
    return "\n".join([*lines, *map(_row, document["rows"]), ""])


def _row(row: dict[str, Any]) -> str:
    interval = f"[{row['interval'][0]:.4g}, {row['interval'][1]:.4g}]" if row["interval"] else ""
    ratio = f"{row['ratio']:.3g}" if row["ratio"] is not None else ""
    return f"| `{row['name']}` | {row['value']:.5g} {row['unit']} | {interval} | {row['against'] or ''} | {ratio} |"


if __name__ == "__main__":
    main()
