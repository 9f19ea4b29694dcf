"""What is written down stays as it is."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from console.models import AppendOnlyError, AuditAction, AuditEntry, AuditOutcome
from console.services.audit import audit_record


def record(engineer, **changes):
    values = {"actor": engineer, "action": AuditAction.MODEL_ACTIVATE, "outcome": AuditOutcome.DONE}
    return audit_record(**{**values, **changes})


def test_an_entry_is_never_changed_nor_removed(engineer):
    entry = record(engineer, target="two_tower_v1")
    entry.target = "two_tower_v2"
    for attempt in (
        entry.save,
        entry.delete,
        lambda: AuditEntry.objects.update(target="two_tower_v2"),
        lambda: AuditEntry.objects.all().delete(),
    ):
        with pytest.raises(AppendOnlyError, match="append-only"):
            attempt()
    assert AuditEntry.objects.get().target == "two_tower_v1"


def test_it_still_names_who_acted_when_the_account_is_gone(engineer):
    record(engineer)
    engineer.delete()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_email) == (None, "edda@example.org")


@pytest.mark.parametrize("changes", [{"reason": "x" * 501}, {"action": "sabotage"}, {"detail": "nul \x00"}])
def test_what_does_not_fit_is_refused(engineer, changes):
    with pytest.raises(ValidationError):
        record(engineer, **changes)


def test_the_page_pages_through_the_log_without_gap_or_repetition(console, engineer, text):
    for number in range(120):
        record(engineer, target=f"<target {number}>")
    seen, address = [], "/console/audit/"
    while address:
        response = console.get(address)
        seen += [entry.target for entry in response.context["entries"]]
        following = response.context["following"]
        address = f"/console/audit/?before={following}" if following else None
    assert seen == [f"<target {number}>" for number in reversed(range(120))]
    assert "<target 119>" in text(console.get("/console/audit/?before=not-a-number"))
    assert b"<target" not in response.content
