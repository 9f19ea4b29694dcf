"""External ids and keys of a simulated platform's records."""

from __future__ import annotations

from uuid import UUID

from imports.identity import identifier_of

SOURCE = "simulation"
ANY_PLATFORM = "sim-"
EMAIL_DOMAIN = "demo.launchmatch.example"
_VISIT_BITS = 40


def member_external_id(prefix: str, row: int) -> str:
    """The external id of the member in a row."""
    return f"{prefix}-user-{row + 1:06d}"


def venture_external_id(prefix: str, row: int) -> str:
    """The external id of the venture in a row."""
    return f"{prefix}-startup-{row + 1:06d}"


def member_email(role: str, number: int) -> str:
    """The address of the `number`-th member of a role."""
    return f"{role}-{number:04d}@{EMAIL_DOMAIN}"


def visit_ids(prefix: str, visits: list[int]) -> list[UUID]:
    """The key of each visit, under which its acts refer to the page that led to them."""
    base = identifier_of(SOURCE, "visit", prefix).int >> _VISIT_BITS << _VISIT_BITS
    return [UUID(int=base | visit) for visit in visits]
