from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from sqlalchemy import Table, create_engine, text

from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.adapters.platform_schema import METADATA, schema_differences
from recommendation_service.services.errors import SchemaMismatchError

DJANGO_KINDS = {
    "UUIDField": "id",
    "ForeignKey": "uuid",
    "CharField": "string",
    "TextField": "string",
    "TermsField": "json",
    "DateField": "date",
    "DateTimeField": "utcdatetime",
    "BooleanField": "boolean",
    "FloatField": "float",
    "BigAutoField": "biginteger",
    "BinaryField": "largebinary",
}


def django_model(table: Table) -> type:
    return next(model for model in apps.get_models() if model._meta.db_table == table.name)


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_declared_columns_are_the_fields_of_the_django_model(table: Table) -> None:
    fields = {field.column: field for field in django_model(table)._meta.concrete_fields}
    for column in table.columns:
        field = fields[column.name]
        assert field.null == bool(column.nullable), column
        if field.remote_field is None:
            assert DJANGO_KINDS[type(field).__name__] == type(column.type).__name__.lower(), column
        if getattr(field, "max_length", None) and type(column.type).__name__ == "String":
            assert column.type.length in {field.max_length, None}, column


def test_the_migrated_database_fits(database: SqlPlatformDatabase) -> None:
    database.require_schema()


def broken_database(path: Path, *statements: str) -> str:
    """A SQLite file with the declared tables, changed."""
    engine = create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
        differences = schema_differences(connection)
    engine.dispose()
    return "; ".join(differences)


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("DROP TABLE startups_position", "table startups_position is missing"),
        ("ALTER TABLE startups_startup DROP COLUMN phase", "column startups_startup.phase is missing"),
    ],
    ids=["table", "column"],
)
def test_what_is_missing_is_named(tmp_path: Path, statement: str, difference: str) -> None:
    assert broken_database(tmp_path / "old.sqlite3", statement) == difference


def test_a_column_of_another_kind_is_named(tmp_path: Path) -> None:
    differences = broken_database(
        tmp_path / "new.sqlite3",
        "ALTER TABLE startups_startup DROP COLUMN founded_on",
        "ALTER TABLE startups_startup ADD COLUMN founded_on integer",
        "ALTER TABLE startups_startup DROP COLUMN owner_id",
        "ALTER TABLE startups_startup ADD COLUMN owner_id char(32) NOT NULL DEFAULT ''",
    )
    assert differences == (
        "column startups_startup.owner_id must not be null; column startups_startup.founded_on is integer, not date"
    )


def test_an_empty_database_is_refused_with_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite3"
    path.touch()
    with pytest.raises(SchemaMismatchError, match=r"table accounts_user is missing.*manage.py migrate"):
        SqlPlatformDatabase(f"sqlite:///{path}").require_schema()


def test_columns_beyond_the_declared_ones_do_not_matter(
    database: SqlPlatformDatabase, add_user: Callable[..., object]
) -> None:
    add_user("a")
    database.require_schema()
