"""The platform's tables as the service reads them: only the columns it needs, declared in this file alone.

Django owns the schema. `schema_differences` says where a database does not offer what is declared here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    Float,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    Uuid,
    inspect,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, on SQLite the naive UTC text that Django writes."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite: SQLAlchemy's own spelling of a moment there is not Django's, so comparisons would be off."""
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write as Django does."""
        if value is None or dialect.name != "sqlite":
            return value
        return str(value.astimezone(UTC).replace(tzinfo=None))

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Always timezone-aware, always UTC."""
        del dialect
        return None if value is None else utc_moment(value)


def utc_moment(value: str | datetime) -> datetime:
    """A moment as the driver gives it: SQLite's naive text, or one that knows its zone."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)


class Id(Uuid[str]):
    """A UUID as its usual 36 characters; SQLite keeps the 32 that tell something, as Django writes them."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(as_uuid=False)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None] | None:
        """Without making an object of each, where the driver gives characters: catalogues hold many ids."""
        if not dialect.supports_native_uuid:
            return _with_dashes
        native: Callable[[Any], str | None] | None = super().result_processor(dialect, coltype)  # type: ignore[no-untyped-call]
        return native


def _with_dashes(digits: str | None) -> str | None:
    if digits is None:
        return None
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


METADATA = MetaData()
_ID = Id()
_TERMS = JSON().with_variant(JSONB(), "postgresql")

USERS = Table(
    "accounts_user",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("external_id", String(200)),
    Column("role", String(20), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("date_joined", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

PROFILES = Table(
    "accounts_profile",
    METADATA,
    Column("user_id", _ID, primary_key=True),
    Column("country", String(80), nullable=False),
    Column("state", String(80), nullable=False),
    Column("region", String(120), nullable=False),
    Column("city", String(120), nullable=False),
    Column("skills", _TERMS, nullable=False),
    Column("bio", String, nullable=False),
    Column("is_public", Boolean, nullable=False),
)

PREFERENCES = Table(
    "accounts_preferences",
    METADATA,
    Column("user_id", _ID, primary_key=True),
    Column("categories", _TERMS, nullable=False),
    Column("fields", _TERMS, nullable=False),
    Column("tags", _TERMS, nullable=False),
    Column("stages", _TERMS, nullable=False),
    Column("skills", _TERMS, nullable=False),
)

RECOMMENDATION_SETTINGS = Table(
    "recommendations_recommendationsettings",
    METADATA,
    Column("user_id", _ID, primary_key=True),
    Column("is_personalised", Boolean, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

STARTUPS = Table(
    "startups_startup",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("external_id", String(200)),
    Column("owner_id", _ID),
    Column("title", String(200), nullable=False),
    Column("type", String(20), nullable=False),
    Column("category", String(80), nullable=False),
    Column("field", String(80), nullable=False),
    Column("phase", String(20), nullable=False),
    Column("stages", _TERMS, nullable=False),
    Column("tags", _TERMS, nullable=False),
    Column("country", String(80), nullable=False),
    Column("state", String(80), nullable=False),
    Column("region", String(120), nullable=False),
    Column("city", String(120), nullable=False),
    Column("status", String(20), nullable=False),
    Column("founded_on", Date),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
)

POSITIONS = Table(
    "startups_position",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("startup_id", _ID, nullable=False),
    Column("title", String(200), nullable=False),
    Column("requirements", String, nullable=False),
    Column("is_active", Boolean, nullable=False),
)

ROUNDS = Table(
    "startups_fundinground",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("startup_id", _ID, nullable=False),
    Column("announced_on", Date, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("amount_usd", Float),
)

EVENTS = Table(
    "interactions_interactionevent",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("startup_id", _ID, nullable=False),
    Column("type", String(20), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("undoes_id", BigInteger),
)

USER_EMBEDDINGS = Table(
    "recommendations_userembedding",
    METADATA,
    Column("user_id", _ID, primary_key=True),
    Column("model_id", String(200), nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

STARTUP_EMBEDDINGS = Table(
    "recommendations_startupembedding",
    METADATA,
    Column("startup_id", _ID, primary_key=True),
    Column("model_id", String(200), nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)


def schema_differences(connection: Connection) -> list[str]:
    """What the database lacks or has otherwise, one sentence part each; empty when it fits."""
    inspector = inspect(connection)
    present = set(inspector.get_table_names())
    differences = []
    for table in METADATA.sorted_tables:
        if table.name not in present:
            differences.append(f"table {table.name} is missing")
            continue
        columns = {column["name"]: column for column in inspector.get_columns(table.name)}
        differences += [
            difference
            for column in table.columns
            if (difference := _column_difference(column, columns.get(column.name), connection.dialect))
        ]
    return differences


def _column_difference(declared: Column[Any], found: Any, dialect: Dialect) -> str | None:
    name = f"{declared.table.name}.{declared.name}"
    if found is None:
        return f"column {name} is missing"
    expected, actual = _family(declared.type.dialect_impl(dialect), dialect), _family(found["type"], dialect)
    if expected != actual:
        return f"column {name} is {actual}, not {expected}"
    if bool(found["nullable"]) != bool(declared.nullable) and not declared.primary_key:
        return f"column {name} {'may' if found['nullable'] else 'must not'} be null"
    return None


_SQLITE_FAMILIES = {"CHAR": "text", "VARCHAR": "text", "TEXT": "text", "DATETIME": "text", "JSON": "text"}
_FAMILIES = {
    "BIGINT": "integer",
    "INTEGER": "integer",
    "BOOL": "boolean",
    "BOOLEAN": "boolean",
    "BLOB": "bytes",
    "BYTEA": "bytes",
    "DATE": "date",
    "DOUBLE": "number",
    "DOUBLE PRECISION": "number",
    "DOUBLE_PRECISION": "number",
    "FLOAT": "number",
    "REAL": "number",
}


def _family(column_type: TypeEngine[Any], dialect: Dialect) -> str:
    """The kind of value a type holds, however it is spelled; SQLite keeps identifiers, JSON and times as text."""
    spelled = column_type.compile(dialect).partition("(")[0].upper()
    text = _SQLITE_FAMILIES if dialect.name == "sqlite" else {"VARCHAR": "text", "TEXT": "text"}
    return _FAMILIES.get(spelled) or text.get(spelled) or spelled.lower()
