"""The one JSON file of the quality benchmark, into which each data set is merged when it is measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from quality_part import PartResult
from result import circumstances, sha256, write_document


def merge_part(path: Path, name: str, result: PartResult, *, seeds: Sequence[int]) -> Path:
    """Replace the rows, settings and sources of one data set and keep those of the others.

    Args:
        path: Of the file; it need not exist yet.
        name: Of the data set: its rows begin with it.
        result: What was measured.
        seeds: Under which learned contestants were trained.
    """
    old = json.loads(path.read_text()) if path.exists() else {}
    parts = dict(old.get("parts", {}))
    parts[name] = {
        "protocol": result.protocol,
        "seeds": list(seeds),
        "settings": dict(result.settings),
        "files": [{"name": file.name, "sha256": sha256(file)} for file in result.sources],
    }
    kept = [row for row in old.get("rows", []) if not row["name"].startswith(f"{name}/")]
    document = {
        **circumstances("quality", seed=seeds[0]),
        "data": _data(parts),
        "parts": parts,
        "rows": [*kept, *(asdict(row) for row in result.rows)],
    }
    return write_document(path, document)


def _data(parts: Mapping[str, Any]) -> dict[str, str] | None:
    """All raw files as one: their names, and the hash of their hashes in that order."""
    files = [file for part in parts.values() for file in part["files"]]
    if not files:
        return None
    digest = hashlib.sha256("".join(file["sha256"] for file in files).encode()).hexdigest()
    return {"name": ", ".join(file["name"] for file in files), "sha256": digest}
