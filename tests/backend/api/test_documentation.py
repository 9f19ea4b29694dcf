"""The documented routes are the routes there are."""

from __future__ import annotations

import re
from pathlib import Path

from drf_spectacular.generators import SchemaGenerator

DOCUMENT = Path(__file__).parents[3] / "docs" / "platform-api.md"


def test_every_route_is_documented_and_nothing_else():
    documented = re.findall(r"^\| `([A-Z]+) (/api/v1/\S+)` \|", DOCUMENT.read_text(), flags=re.MULTILINE)
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    served = [(method.upper(), path) for path, methods in paths.items() for method in methods]
    assert sorted(documented) == sorted(served)
