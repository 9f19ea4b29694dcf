"""What can go wrong while data is brought in."""

from __future__ import annotations

from django.db import DatabaseError


class ImportRefusedError(Exception):
    """The whole run cannot go on; nothing was written, or what was is kept from sight. The message names the cure."""


class RowRefusedError(Exception):
    """One row cannot come in; the run goes on without it.

    Attributes:
        reason: A short sentence without the row's own values, so that equal reasons are counted together.
        detail: The offending value, for the examples of the summary.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def in_one_line(error: DatabaseError) -> str:
    """What the database said, for the middle of a sentence."""
    return " ".join(str(error).split())
