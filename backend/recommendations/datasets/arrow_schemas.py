"""The contract's column types in Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from contracts.dataset import EMBEDDING_DIM, PAIR_COLUMNS, STARTUP_COLUMNS, USER_COLUMNS

TIMESTAMP: Final = pa.timestamp("us", tz="UTC")
EMBEDDING: Final = pa.list_(pa.float32(), EMBEDDING_DIM)

_TYPES: Final[Mapping[str, pa.DataType]] = {
    "str": pa.string(),
    "float32": pa.float32(),
    "date": pa.date32(),
    "datetime[us, UTC]": TIMESTAMP,
    "list[str]": pa.list_(pa.string()),
    f"array[float32, {EMBEDDING_DIM}]": EMBEDDING,
    "list[struct{title: str, requirements: str, is_active: bool}]": pa.list_(
        pa.struct([("title", pa.string()), ("requirements", pa.string()), ("is_active", pa.bool_())])
    ),
    "list[struct{announced_on: date, kind: str, amount_usd: float64?}]": pa.list_(
        pa.struct([("announced_on", pa.date32()), ("kind", pa.string()), ("amount_usd", pa.float64())])
    ),
}


def arrow_schema(columns: Mapping[str, str]) -> pa.Schema:
    """The Arrow schema of the contract's columns; a type that ends in `?` may be null."""
    return pa.schema(
        [pa.field(name, _TYPES[kind.removesuffix("?")], nullable=kind.endswith("?")) for name, kind in columns.items()]
    )


PAIR_SCHEMA: Final = arrow_schema(PAIR_COLUMNS)
USER_SCHEMA: Final = arrow_schema(USER_COLUMNS)
STARTUP_SCHEMA: Final = arrow_schema(STARTUP_COLUMNS)
