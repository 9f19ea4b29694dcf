from __future__ import annotations

from datetime import UTC, datetime, timedelta

from interactions.selectors import (
    interaction_list_live,
    interaction_live_types,
    startup_ids_never_to_recommend,
    startup_popular_ids,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def undo(make_event, event):
    return make_event(event.user, event.startup, event.type, undoes=event, occurred_at=event.occurred_at)


def test_live_acts_leave_out_what_was_undone(member, startup, make_event):
    make_event(member, startup, "view")
    make_event(member, startup, "view")
    undo(make_event, make_event(member, startup, "like"))
    assert [event.type for event in interaction_list_live(user=member)] == ["view", "view"]


def test_live_types_are_the_explicit_acts_that_stand(member, startup, make_startup, make_event, make_user):
    untouched = make_startup()
    make_event(member, startup, "like")
    make_event(member, startup, "view")
    undo(make_event, make_event(member, startup, "favorite"))
    make_event(make_user(), startup, "apply")
    assert interaction_live_types(user=member, startup_ids=[startup.pk, untouched.pk]) == {
        startup.pk: {"like"},
        untouched.pk: set(),
    }


def test_never_recommended_are_own_applied_interested_and_disliked(member, make_startup, make_event):
    own, applied, interested, disliked, liked, withdrawn, forgiven = (make_startup() for _ in range(7))
    own.owner = member
    own.save()
    make_event(member, applied, "apply")
    make_event(member, interested, "interest")
    make_event(member, disliked, "dislike")
    make_event(member, liked, "like")
    undo(make_event, make_event(member, withdrawn, "dislike"))
    make_event(member, forgiven, "dislike", occurred_at=NOON)
    make_event(member, forgiven, "like", occurred_at=NOON + timedelta(days=1))
    assert startup_ids_never_to_recommend(user=member) == {own.pk, applied.pk, interested.pk, disliked.pk}


def test_popular_counts_people_not_repeats_nor_undone_nor_old_nor_dislikes(make_user, make_startup, make_event):
    three, two, old, hidden, disliked = (make_startup() for _ in range(5))
    people = [make_user() for _ in range(4)]
    for person in people[:3]:
        make_event(person, three, "like", occurred_at=NOON)
    for person in people[:2]:
        make_event(person, two, "apply", occurred_at=NOON)
        make_event(person, two, "favorite", occurred_at=NOON)
        make_event(person, disliked, "dislike", occurred_at=NOON)
    undo(make_event, make_event(people[3], two, "like", occurred_at=NOON))
    for person in people:
        make_event(person, old, "like", occurred_at=NOON - timedelta(days=91))
        make_event(person, hidden, "like", occurred_at=NOON)
    hidden.status = "hidden"
    hidden.save()
    assert startup_popular_ids(limit=10) == [three.pk, two.pk]
    assert startup_popular_ids(limit=1) == [three.pk]
    assert startup_popular_ids(limit=1, without={three.pk}) == [two.pk]


def test_without_any_event_nothing_is_popular(startup):
    assert startup_popular_ids(limit=10) == []


def test_popularity_is_counted_once_for_everybody(member, startup, make_event, django_assert_num_queries):
    make_event(member, startup, "like")
    startup_popular_ids(limit=1)
    with django_assert_num_queries(0):
        assert startup_popular_ids(limit=1) == [startup.pk]
