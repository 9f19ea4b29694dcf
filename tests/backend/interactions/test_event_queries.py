"""Which events are acts and which still count, and that asking for one member's does not read everybody's."""

from __future__ import annotations

import pytest
from django.db import connection

from interactions.models import InteractionEvent
from interactions.selectors import interaction_list_live, startup_ids_never_to_recommend


def test_acts_are_no_undoings_and_live_ones_are_not_undone(member, startup, make_event):
    kept = make_event(member, startup, "view")
    undone = make_event(member, startup, "like")
    undoing = make_event(member, startup, "like", undoes=undone)
    every = InteractionEvent.objects.all()
    assert set(every.acts()) == {event for event in every if event.undoes_id is None} == {kept, undone}
    assert set(every.live()) == {kept}
    assert undoing in every


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has statistics, which depend on the rows")
def test_one_members_acts_are_found_by_the_index_of_members(member):
    plan = interaction_list_live(user=member)[:100].explain()
    assert "event_user (user_id=?)" in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    assert startup_ids_never_to_recommend(user=member) == set()
