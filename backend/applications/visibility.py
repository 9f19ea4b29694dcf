"""Which members a founder may see, beyond those recommended to them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from applications.models import Application
from startups.models import Startup


def member_seen_by(*, viewer: User, member_id: UUID) -> User | None:
    """The member with their profile, if the viewer may see it; None if not, or there is none.

    Everybody sees themselves as others would. Founders see who lets themselves be found, and whoever applied to them.
    """
    applied = Application.objects.filter(member=OuterRef("pk"), startup__owner=viewer)
    founder = Startup.objects.filter(owner=viewer)
    visible = Q(pk=viewer.pk) | Q(Exists(applied)) | (Q(profile__is_public=True) & Q(Exists(founder)))
    return User.objects.filter(visible, pk=member_id, is_active=True).select_related("profile").first()
