"""The pages that founders use."""

from __future__ import annotations

from django.urls import path

from web.views.founder_applications import (
    founder_application,
    founder_application_status,
    founder_applications,
)
from web.views.founder_numbers import founder_numbers
from web.views.founder_people import founder_invite, founder_people, member_profile
from web.views.founder_startup import (
    founder_position,
    founder_position_new,
    founder_position_state,
    founder_startup,
    founder_startup_status,
)
from web.views.founders import founder_startup_edit, founder_startup_new, founder_startups
from web.views.invitations import invitation_reply, invitations

STARTUP = "founders/startups/<uuid:startup_id>/"
POSITION = f"{STARTUP}positions/<int:position_id>/"

urlpatterns = [
    path("founders/startups/", founder_startups, name="founder_startups"),
    path("founders/startups/new/", founder_startup_new, name="founder_startup_new"),
    path(STARTUP, founder_startup, name="founder_startup"),
    path(f"{STARTUP}edit/", founder_startup_edit, name="founder_startup_edit"),
    path(f"{STARTUP}status/", founder_startup_status, name="founder_startup_status"),
    path(f"{STARTUP}positions/", founder_position_new, name="founder_position_new"),
    path(POSITION, founder_position, name="founder_position"),
    path(f"{POSITION}state/", founder_position_state, name="founder_position_state"),
    path(f"{STARTUP}people/", founder_people, name="founder_people"),
    path(f"{STARTUP}invitations/", founder_invite, name="founder_invite"),
    path(f"{STARTUP}applications/", founder_applications, name="founder_applications"),
    path("founders/applications/<uuid:application_id>/", founder_application, name="founder_application"),
    path(
        "founders/applications/<uuid:application_id>/status/",
        founder_application_status,
        name="founder_application_status",
    ),
    path(f"{STARTUP}numbers/", founder_numbers, name="founder_numbers"),
    path("members/<uuid:member_id>/", member_profile, name="member"),
    path("invitations/", invitations, name="invitations"),
    path("invitations/<uuid:invitation_id>/", invitation_reply, name="invitation_reply"),
]
