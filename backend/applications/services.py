"""Writes applications: submitting, withdrawing, and the owner's decisions."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications.errors import ApplicationStateError, InvalidApplicationError, NotTheirsError
from applications.models import MAX_LETTER_LENGTH, Application, ApplicationStatusChange
from applications.states import OWNER_MOVES, ApplicationStatus
from contracts.interactions import InteractionType
from interactions.models import InteractionEvent
from interactions.services import interaction_record, interaction_undo, interaction_withdraw
from startups.models import Position, Startup


@transaction.atomic
def application_submit(
    *,
    member: User,
    startup: Startup,
    letter: str = "",
    position: Position | None = None,
    recommendation_request_id: UUID | None = None,
    recommendation_position: int | None = None,
) -> Application:
    """Apply to a startup, once: the same again is the same application; after a withdrawal it is reopened.

    The act `apply` is recorded with it, or neither is.

    Args:
        letter: At most `MAX_LETTER_LENGTH` characters.
        position: One of the startup's open positions; None to apply to the startup as such.
        recommendation_request_id: The recommendation answer that led here.
        recommendation_position: The startup's place in that answer.

    Raises:
        InvalidApplicationError: If the letter is too long, or the position is not an open one of the startup.
        ApplicationStateError: If there is another application of theirs that stands, or it was declined.
        StartupUnavailableError: If members cannot see the startup.
        OwnStartupError: If the member owns the startup.
    """
    text = _clean_letter(letter)
    application = _locked(member=member, startup=startup)
    if application is not None and not application.can_be_reopened:
        _require_same(application, letter=text, position=position)
        return application
    _require_open_position(position, startup=startup)
    if application is None:
        application, created = Application.objects.get_or_create(
            member=member, startup=startup, defaults={"letter": text, "position": position}
        )
        if not created:  # a racing request was first
            _require_same(application, letter=text, position=position)
            return application
    else:
        application.letter, application.position, application.submitted_at = text, position, timezone.now()
    _move(application, ApplicationStatus.SUBMITTED, by=member)
    interaction_record(
        user=member,
        startup=startup,
        type=InteractionType.APPLY,
        idempotency_key=f"application:{uuid.uuid4().hex}",
        recommendation_request_id=recommendation_request_id,
        recommendation_position=recommendation_position,
    )
    return application


@transaction.atomic
def application_withdraw(*, application: Application, by: User) -> Application:
    """Withdraw an application and the act it recorded; withdrawing again is harmless.

    Raises:
        NotTheirsError: If it is not theirs.
        ApplicationStateError: If it was declined.
    """
    current = Application.objects.select_for_update().get(pk=application.pk)
    if current.member_id != by.pk:
        raise NotTheirsError(f"application {current.pk} is not yours to withdraw")
    if current.status == ApplicationStatus.WITHDRAWN:
        return current
    if not current.can_be_withdrawn:
        raise ApplicationStateError(f"an application that was {current.status} cannot be withdrawn")
    _move(current, ApplicationStatus.WITHDRAWN, by=by)
    interaction_withdraw(user=by, startup=current.startup, type=InteractionType.APPLY)
    return current


@transaction.atomic
def application_take_back(*, member: User, startup: Startup) -> None:
    """Take back having applied: the application that stands, or else the bare acts of an import.

    Raises:
        ApplicationStateError: If the application was declined.
    """
    application = _locked(member=member, startup=startup)
    if application is None:
        interaction_withdraw(user=member, startup=startup, type=InteractionType.APPLY)
    else:
        application_withdraw(application=application, by=member)


@transaction.atomic
def application_by_act(
    *,
    member: User,
    startup: Startup,
    idempotency_key: str,
    recommendation_request_id: UUID | None = None,
    recommendation_position: int | None = None,
) -> InteractionEvent:
    """Apply without a letter by recording the act `apply` under a key of the caller's; the same key again is harmless.

    Raises:
        ApplicationStateError: If an application of theirs was declined.
        InteractionError: As `interaction_record` does.
    """
    application = _locked(member=member, startup=startup)
    act = interaction_record(
        user=member,
        startup=startup,
        type=InteractionType.APPLY,
        idempotency_key=idempotency_key,
        recommendation_request_id=recommendation_request_id,
        recommendation_position=recommendation_position,
    )
    if hasattr(act, "undone_by"):
        return act
    if application is None:
        application, created = Application.objects.get_or_create(member=member, startup=startup)
        if created:
            _move(application, ApplicationStatus.SUBMITTED, by=member)
    elif application.can_be_reopened:
        application.letter, application.position, application.submitted_at = "", None, timezone.now()
        _move(application, ApplicationStatus.SUBMITTED, by=member)
    elif application.status == ApplicationStatus.DECLINED:
        raise ApplicationStateError("this application was declined; it cannot be sent again")
    return act


@transaction.atomic
def act_undo(*, member: User, event_id: int) -> None:
    """Take back an act; one that applied takes the application back with it.

    Raises:
        InteractionNotFoundError: If the member has no such act.
        ApplicationStateError: If it applied and the application was declined.
    """
    act = InteractionEvent.objects.filter(user=member, pk=event_id, undoes=None).select_related("startup").first()
    if act is not None and act.type == InteractionType.APPLY and not hasattr(act, "undone_by"):
        application_take_back(member=member, startup=act.startup)
    else:
        interaction_undo(user=member, event_id=event_id)


@transaction.atomic
def application_change_status(*, application: Application, status: str, by: User) -> Application:
    """The owner's decision; the same status again is harmless.

    Raises:
        NotTheirsError: If they do not own the startup.
        ApplicationStateError: If an application of its status cannot become that.
    """
    current = Application.objects.select_for_update(of=("self",)).select_related("startup").get(pk=application.pk)
    if current.startup.owner_id != by.pk:
        raise NotTheirsError(f"application {current.pk} is not yours to decide")
    if current.status == status:
        return current
    allowed = OWNER_MOVES[ApplicationStatus(current.status)]
    if status not in allowed:
        choices = ", ".join(allowed) or "nothing else"
        raise ApplicationStateError(f"an application that is {current.status} can become {choices}, not {status!r}")
    return _move(current, ApplicationStatus(status), by=by)


def _locked(*, member: User, startup: Startup) -> Application | None:
    return Application.objects.select_for_update().filter(member=member, startup=startup).first()


def _move(application: Application, status: ApplicationStatus, *, by: User) -> Application:
    application.status = status
    application.save()
    ApplicationStatusChange.objects.create(application=application, status=status, changed_by=by)
    return application


def _clean_letter(letter: str) -> str:
    text = letter.replace("\r\n", "\n").strip()
    if len(text) > MAX_LETTER_LENGTH:
        raise InvalidApplicationError(f"a letter has at most {MAX_LETTER_LENGTH} characters, got {len(text)}")
    if "\x00" in text:
        raise InvalidApplicationError("the letter holds a null character, which cannot be stored; remove it")
    return text


def _require_open_position(position: Position | None, *, startup: Startup) -> None:
    if position is not None and (position.startup_id != startup.pk or not position.is_active):
        raise InvalidApplicationError(f"position {position.pk} is not an open position of startup {startup.pk}")


def _require_same(application: Application, *, letter: str, position: Position | None) -> None:
    if application.status == ApplicationStatus.DECLINED:
        raise ApplicationStateError("this application was declined; it cannot be sent again")
    if (application.letter, application.position_id) != (letter, position.pk if position else None):
        raise ApplicationStateError(
            "you already applied to this startup; withdraw that application before sending another"
        )
