"""Reads the audit log."""

from __future__ import annotations

from console.models import AuditEntry

PAGE = 50


def audit_page(*, before: int | None) -> tuple[list[AuditEntry], int | None]:
    """A page of entries, newest first, and where the next one begins; None at the end.

    Args:
        before: Only entries with a smaller id.
    """
    entries = AuditEntry.objects.order_by("-id")
    if before is not None:
        entries = entries.filter(pk__lt=before)
    page = list(entries[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1].pk if len(page) > PAGE else None
