"""Reads applications and invitations."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, QuerySet

from accounts.models import User
from applications.models import Application, Invitation
from applications.states import OPEN_STATUSES, ApplicationStatus, InvitationStatus
from startups.models import Startup, StartupStatus


def application_list_of_member(*, member: User) -> QuerySet[Application]:
    """A member's applications, the latest first, each with its startup and position."""
    mine = Application.objects.filter(member=member).order_by("-submitted_at", "id")
    return mine.select_related("startup", "position")


def application_list_ended(*, member: User) -> QuerySet[Application]:
    """A member's applications that were declined or withdrawn, the latest first, each with its startup and position."""
    return application_list_of_member(member=member).exclude(status__in=OPEN_STATUSES)


def application_of_pair(*, member: User, startup: Startup) -> Application | None:
    """The member's application to the startup, whatever became of it."""
    return application_list_of_member(member=member).filter(startup=startup).first()


def application_list_for_owner(*, owner: User) -> QuerySet[Application]:
    """The applications to a founder's startups, the latest first, each with its applicant and position."""
    theirs = Application.objects.filter(startup__owner=owner, member__is_active=True).order_by("-submitted_at", "id")
    return theirs.select_related("member__profile", "startup", "position")


def application_list_of_startup(*, startup: Startup, status: str | None = None) -> QuerySet[Application]:
    """The applications to a startup, the latest first; of one status where given."""
    theirs = Application.objects.filter(startup=startup, member__is_active=True).order_by("-submitted_at", "id")
    wanted = theirs.filter(status=status) if status else theirs
    return wanted.select_related("member__profile", "startup", "position")


def application_counts(*, startup: Startup) -> dict[str, int]:
    """How many applications of each status a startup has; every status is there."""
    rows = application_list_of_startup(startup=startup).order_by().values_list("status").annotate(rows=Count("pk"))
    return {**dict.fromkeys(ApplicationStatus.values, 0), **dict(rows)}


def application_waiting_counts(*, startups: Iterable[Startup]) -> dict[UUID, int]:
    """How many applications nobody has looked at yet, for each of the startups that has any."""
    new = Application.objects.filter(
        startup__in=list(startups), status=ApplicationStatus.SUBMITTED, member__is_active=True
    )
    return dict(new.order_by().values_list("startup_id").annotate(rows=Count("pk")))


def application_waiting_count(*, owner: User) -> int:
    """How many applications to a founder's startups nobody has looked at yet."""
    return application_list_for_owner(owner=owner).filter(status=ApplicationStatus.SUBMITTED).count()


def application_member_ids(*, startup: Startup) -> set[UUID]:
    """Who applied to a startup, whatever became of it."""
    return set(Application.objects.filter(startup=startup).order_by().values_list("member_id", flat=True))


def invitation_list_of_member(*, member: User) -> QuerySet[Invitation]:
    """What a member was invited to and can still see, the latest first."""
    mine = Invitation.objects.filter(member=member, startup__status=StartupStatus.ACTIVE)
    return mine.select_related("startup__owner").order_by("-sent_at", "id")


def invitation_open_count(*, member: User) -> int:
    """How many invitations wait for the member's answer."""
    return invitation_list_of_member(member=member).filter(status=InvitationStatus.SENT).count()


def invitation_list_of_startup(*, startup: Startup) -> QuerySet[Invitation]:
    """Whom a startup invited, the latest first."""
    return Invitation.objects.filter(startup=startup).select_related("member__profile").order_by("-sent_at", "id")


def invitation_member_ids(*, startup: Startup) -> set[UUID]:
    """Whom a startup invited, whatever they answered."""
    return set(Invitation.objects.filter(startup=startup).order_by().values_list("member_id", flat=True))


def invitation_statuses(*, startup: Startup, member_ids: list[UUID]) -> dict[UUID, str]:
    """The status of the latest invitation to each of the members who was invited."""
    sent = Invitation.objects.filter(startup=startup, member_id__in=member_ids).order_by("sent_at")
    return dict(sent.values_list("member_id", "status"))
