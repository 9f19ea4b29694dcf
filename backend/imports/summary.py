"""What came in, what was there already, and what was refused and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from imports.errors import RowRefusedError

EXAMPLES_KEPT = 3


@dataclass(kw_only=True)
class ImportSummary:
    """The counts of one run, per kind of record, in the order in which the kinds were met.

    Attributes:
        read: Rows read.
        created: Records that are new in the database.
        present: Records that the database held already.
        refused: Rows refused, by kind and reason.
        examples: The first few refused rows of each kind and reason.
    """

    read: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    present: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def refuse(self, kind: str, row: int, refusal: RowRefusedError) -> None:
        """Count a refused row; `row` is its number in the source, the header being row 1."""
        key = (kind, refusal.reason)
        self.refused[key] += 1
        if len(self.examples[key]) < EXAMPLES_KEPT:
            self.examples[key].append(f"row {row}" + (f" ({refusal.detail})" if refusal.detail else ""))

    def refused_of(self, kind: str) -> int:
        """How many rows of a kind were refused."""
        return sum(count for (refused_kind, _), count in self.refused.items() if refused_kind == kind)

    def lines(self) -> list[str]:
        """The summary for a terminal, one line per kind and per reason."""
        kinds = list(dict.fromkeys([*self.read, *self.created, *self.present]))
        lines = [f"{'':<14}{'read':>12}{'new':>12}{'present':>12}{'refused':>12}"]
        lines += [self._kind_line(kind) for kind in kinds]
        if self.refused:
            lines += ["", "Refused:", *self._refusal_lines()]
        return lines

    def _kind_line(self, kind: str) -> str:
        read = f"{self.read[kind]:,}" if kind in self.read else "-"
        counts = (self.created[kind], self.present[kind], self.refused_of(kind))
        return f"{kind:<14}{read:>12}" + "".join(f"{count:>12,}" for count in counts)

    def _refusal_lines(self) -> list[str]:
        return [
            f"  {count:,} {kind}: {reason}; e.g. {', '.join(self.examples[kind, reason])}"
            for (kind, reason), count in self.refused.most_common()
        ]
