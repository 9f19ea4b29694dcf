"""The states of an application and of an invitation, and who may move one to which."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models


class ApplicationStatus(models.TextChoices):
    """How far an application is."""

    SUBMITTED = "submitted", "Submitted"
    SEEN = "seen", "Seen"
    SHORTLISTED = "shortlisted", "Shortlisted"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class InvitationStatus(models.TextChoices):
    """What became of an invitation."""

    SENT = "sent", "Sent"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"


Moves = Mapping[ApplicationStatus, tuple[ApplicationStatus, ...]]

OWNER_MOVES: Moves = MappingProxyType(
    {
        ApplicationStatus.SUBMITTED: (
            ApplicationStatus.SEEN,
            ApplicationStatus.SHORTLISTED,
            ApplicationStatus.ACCEPTED,
            ApplicationStatus.DECLINED,
        ),
        ApplicationStatus.SEEN: (
            ApplicationStatus.SHORTLISTED,
            ApplicationStatus.ACCEPTED,
            ApplicationStatus.DECLINED,
        ),
        ApplicationStatus.SHORTLISTED: (
            ApplicationStatus.SEEN,
            ApplicationStatus.ACCEPTED,
            ApplicationStatus.DECLINED,
        ),
        ApplicationStatus.ACCEPTED: (ApplicationStatus.SHORTLISTED,),
        ApplicationStatus.DECLINED: (ApplicationStatus.SHORTLISTED,),
        ApplicationStatus.WITHDRAWN: (),
    }
)
"""What the startup's owner may do; a decision clicked by mistake goes back to the shortlist."""

MEMBER_MOVES: Moves = MappingProxyType(
    {
        ApplicationStatus.SUBMITTED: (ApplicationStatus.WITHDRAWN,),
        ApplicationStatus.SEEN: (ApplicationStatus.WITHDRAWN,),
        ApplicationStatus.SHORTLISTED: (ApplicationStatus.WITHDRAWN,),
        ApplicationStatus.ACCEPTED: (ApplicationStatus.WITHDRAWN,),
        ApplicationStatus.DECLINED: (),
        ApplicationStatus.WITHDRAWN: (ApplicationStatus.SUBMITTED,),
    }
)
"""What the applicant may do: withdraw, and apply again after that. A decline is the owner's last word."""

OPEN_STATUSES = frozenset(
    {ApplicationStatus.SUBMITTED, ApplicationStatus.SEEN, ApplicationStatus.SHORTLISTED, ApplicationStatus.ACCEPTED}
)
"""Applications that stand."""
