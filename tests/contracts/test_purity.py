"""The contracts import nothing but the standard library and pydantic."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import contracts


def test_contracts_import_only_the_standard_library_and_pydantic() -> None:
    allowed = {*sys.stdlib_module_names, "pydantic", "contracts"}
    for path in Path(contracts.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            assert {name.partition(".")[0] for name in names} <= allowed, path.name
