from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from applications.errors import ApplicationStateError, InvalidApplicationError, NotTheirsError
from applications.models import Application, ApplicationStatusChange
from applications.services import (
    act_undo,
    application_by_act,
    application_change_status,
    application_submit,
    application_take_back,
    application_withdraw,
)
from applications.states import ApplicationStatus
from interactions.errors import InteractionNotFoundError, OwnStartupError, StartupUnavailableError
from interactions.models import InteractionEvent
from interactions.selectors import interaction_list_live

ALLOWED = {
    "submitted": {"seen", "shortlisted", "accepted", "declined"},
    "seen": {"shortlisted", "accepted", "declined"},
    "shortlisted": {"seen", "accepted", "declined"},
    "accepted": {"shortlisted"},
    "declined": {"shortlisted"},
    "withdrawn": set(),
}
WITHDRAWABLE = {"submitted", "seen", "shortlisted", "accepted"}


@pytest.fixture
def application(member, venture):
    return application_submit(member=member, startup=venture, letter="I roof.")


def with_status(application, status):
    Application.objects.filter(pk=application.pk).update(status=status)
    application.refresh_from_db()
    return application


def test_applying_records_the_act_and_what_led_to_it(member, venture):
    answer, position = uuid4(), venture.positions.get()
    application = application_submit(
        member=member,
        startup=venture,
        letter=" I roof.\r\nWell. ",
        position=position,
        recommendation_request_id=answer,
        recommendation_position=3,
    )
    stored = Application.objects.get()
    assert (stored, stored.letter, stored.position, stored.status) == (
        application,
        "I roof.\nWell.",
        position,
        "submitted",
    )
    act = interaction_list_live(user=member).get()
    assert (act.type, act.startup) == ("apply", venture)
    assert (act.recommendation_request_id, act.recommendation_position) == (answer, 3)
    step = ApplicationStatusChange.objects.get()
    assert (step.application, step.status, step.changed_by) == (application, "submitted", member)


def test_the_same_again_is_the_same_application(member, venture, application):
    assert application_submit(member=member, startup=venture, letter="I roof.") == application
    assert InteractionEvent.objects.count() == ApplicationStatusChange.objects.count() == 1


def test_another_letter_while_one_stands_is_refused(member, venture, application):
    with pytest.raises(ApplicationStateError, match="withdraw that application"):
        application_submit(member=member, startup=venture, letter="Another.")


def test_withdrawing_undoes_the_act_and_applying_again_reopens(member, venture, application):
    application_withdraw(application=application, by=member)
    application_withdraw(application=application, by=member)
    assert not interaction_list_live(user=member).exists()
    again = application_submit(member=member, startup=venture, letter="Once more.")
    assert again.pk == application.pk
    assert (again.letter, again.status) == ("Once more.", "submitted")
    assert again.submitted_at > application.submitted_at
    assert list(again.changes.values_list("status", flat=True)) == ["submitted", "withdrawn", "submitted"]
    assert interaction_list_live(user=member).count() == 1


@pytest.mark.parametrize(
    ("letter", "message"), [("x" * 5001, "at most 5000 characters, got 5001"), ("a\x00b", "null character")]
)
def test_a_letter_that_cannot_be_kept_is_refused(member, venture, letter, message):
    with pytest.raises(InvalidApplicationError, match=message):
        application_submit(member=member, startup=venture, letter=letter)
    assert not Application.objects.exists()


def test_only_an_open_position_of_the_startup_will_do(member, venture, make_startup):
    closed = venture.positions.create(title="Closed", is_active=False)
    foreign = make_startup(positions=["Cook"]).positions.get()
    for position in (closed, foreign):
        with pytest.raises(InvalidApplicationError, match="not an open position"):
            application_submit(member=member, startup=venture, position=position)
    assert not Application.objects.exists()


@pytest.mark.parametrize("status", ["hidden", "sold", "closed"])
def test_nothing_is_written_where_the_act_is_refused(member, founder, venture, make_startup, status):
    with pytest.raises(StartupUnavailableError):
        application_submit(member=member, startup=make_startup(status=status))
    with pytest.raises(OwnStartupError):
        application_submit(member=founder, startup=venture)
    assert not Application.objects.exists()
    assert not InteractionEvent.objects.exists()


@pytest.mark.parametrize(("before", "after"), list(itertools.product(ALLOWED, ApplicationStatus.values)))
def test_the_owner_moves_it_as_the_table_says(application, founder, before, after):
    with_status(application, before)
    if after in ALLOWED[before] or after == before:
        moved = application_change_status(application=application, status=after, by=founder)
        assert (moved.status, Application.objects.get().status) == (after, after)
    else:
        with pytest.raises(ApplicationStateError, match=f"is {before} can become .* not '{after}'"):
            application_change_status(application=application, status=after, by=founder)
        assert Application.objects.get().status == before


def test_a_move_says_who_and_the_same_again_adds_nothing(application, founder):
    for _ in range(2):
        application_change_status(application=application, status="seen", by=founder)
    assert list(application.changes.values_list("status", "changed_by")) == [
        ("submitted", application.member_id),
        ("seen", founder.pk),
    ]


@pytest.mark.parametrize("before", ALLOWED)
def test_the_applicant_withdraws_what_is_not_declined(application, member, before):
    with_status(application, before)
    if before in WITHDRAWABLE or before == "withdrawn":
        assert application_withdraw(application=application, by=member).status == "withdrawn"
    else:
        with pytest.raises(ApplicationStateError, match="declined cannot be withdrawn"):
            application_withdraw(application=application, by=member)


def test_a_declined_applicant_does_not_apply_again(application, member, venture):
    with_status(application, "declined")
    with pytest.raises(ApplicationStateError, match="declined"):
        application_submit(member=member, startup=venture, letter="I roof.")


def test_each_may_do_only_their_own(application, member, founder, make_user):
    for stranger in (member, make_user()):
        with pytest.raises(NotTheirsError):
            application_change_status(application=application, status="seen", by=stranger)
    for stranger in (founder, make_user()):
        with pytest.raises(NotTheirsError):
            application_withdraw(application=application, by=stranger)
    assert Application.objects.get().status == "submitted"


def test_taking_back_withdraws_the_application_or_the_bare_act(member, venture, application, make_startup, make_event):
    application_take_back(member=member, startup=venture)
    assert Application.objects.get().status == "withdrawn"
    imported = make_startup()
    make_event(member, imported, "apply")
    application_take_back(member=member, startup=imported)
    assert not interaction_list_live(user=member).exists()


def test_the_bare_act_applies_too_once_for_each_key(member, venture):
    act = application_by_act(member=member, startup=venture, idempotency_key="k1")
    assert application_by_act(member=member, startup=venture, idempotency_key="k1") == act
    application = Application.objects.get()
    assert (application.letter, application.status) == ("", "submitted")
    act_undo(member=member, event_id=act.pk)
    application.refresh_from_db()
    assert application.status == "withdrawn"
    application_by_act(member=member, startup=venture, idempotency_key="k1")  # a late repeat applies no more
    application.refresh_from_db()
    assert application.status == "withdrawn"
    application_by_act(member=member, startup=venture, idempotency_key="k2")
    application.refresh_from_db()
    assert application.status == "submitted"


def test_a_declined_applicant_does_not_apply_by_the_bare_act(application, member, venture):
    with_status(application, "declined")
    with pytest.raises(ApplicationStateError, match="declined"):
        application_by_act(member=member, startup=venture, idempotency_key="k1")
    assert InteractionEvent.objects.count() == 1


def test_undoing_another_act_leaves_the_application(application, member, venture, make_event):
    like = make_event(member, venture, "like")
    act_undo(member=member, event_id=like.pk)
    application.refresh_from_db()
    assert application.status == "submitted"
    with pytest.raises(InteractionNotFoundError):
        act_undo(member=member, event_id=like.pk + 1000)


def test_the_database_keeps_one_for_each_pair_and_known_statuses(application, member, venture):
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(member=member, startup=venture)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.update(status="lost")


@pytest.mark.django_db(transaction=True)
def test_racing_clicks_are_one_application(member, venture):
    barrier = Barrier(6)

    def apply(_):
        barrier.wait()
        try:
            return application_submit(member=member, startup=venture, letter="I roof.").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(apply, range(6)))) == 1
    assert Application.objects.count() == ApplicationStatusChange.objects.count() == 1
    assert InteractionEvent.objects.count() == 1
