"""Database lookups that several apps share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.sql.compiler import SQLCompiler

Sql = tuple[str, list[Any]]

if TYPE_CHECKING:
    BooleanLookup = Lookup[bool]
else:  # Django's class is generic for the type checker only
    BooleanLookup = Lookup


class HasTerm(BooleanLookup):
    """`tags__has_term="climate"`: the list of terms holds exactly this one, on SQLite as on PostgreSQL."""

    lookup_name = "has_term"
    prepare_rhs = False

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        """Compare with each element of the JSON array."""
        column, parameters = self.process_lhs(compiler, connection)
        exists = f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = %s)"  # nosec B608 # noqa: S608 - a column, no input
        return exists, [*parameters, self.rhs]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        """Ask the JSON array whether it contains the term."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} @> %s::jsonb", [*parameters, json.dumps([self.rhs])]
