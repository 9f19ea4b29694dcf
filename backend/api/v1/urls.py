"""Every address of version 1."""

from __future__ import annotations

from django.urls import path

from api.v1.accounts import AccountConfirmView, AccountCreateView, PasswordResetView
from api.v1.applications import ApplicationListView, ApplicationView, ApplicationWithdrawView
from api.v1.interactions import InteractionListView, InteractionUndoView, InteractionView
from api.v1.invitations import InvitationAnswerView, InvitationListView, SentInvitationListView
from api.v1.me import MeView, MyExportView, MyPasswordView
from api.v1.my_email import MyEmailConfirmView, MyEmailView
from api.v1.numbers import StartupNumbersView
from api.v1.own_startups import (
    OwnStartupListView,
    OwnStartupStatusView,
    OwnStartupView,
    PositionListView,
    PositionView,
)
from api.v1.people import MemberView, StartupPeopleView
from api.v1.preferences import MyPreferencesView, MyRecommendationSettingsView
from api.v1.received_applications import ReceivedApplicationListView, ReceivedApplicationView
from api.v1.recommendations import ImpressionView, MyRecommendationsView
from api.v1.startups import SimilarStartupsView, StartupListView, StartupView
from api.v1.tokens import TokenObtainView, TokenRevokeView

APPLICATION = "applications/<uuid:application_id>/"
MINE = "me/startups/<uuid:startup_id>/"

app_name = "api-v1"
urlpatterns = [
    path("accounts/", AccountCreateView.as_view(), name="accounts"),
    path("accounts/confirm/", AccountConfirmView.as_view(), name="account-confirm"),
    path("accounts/password-reset/", PasswordResetView.as_view(), name="password-reset"),
    path("tokens/", TokenObtainView.as_view(), name="token-obtain"),
    path("tokens/revoke/", TokenRevokeView.as_view(), name="token-revoke"),
    path("me/", MeView.as_view(), name="me"),
    path("me/password/", MyPasswordView.as_view(), name="my-password"),
    path("me/email/", MyEmailView.as_view(), name="my-email"),
    path("me/email/confirm/", MyEmailConfirmView.as_view(), name="my-email-confirm"),
    path("me/export/", MyExportView.as_view(), name="my-export"),
    path("me/preferences/", MyPreferencesView.as_view(), name="my-preferences"),
    path("me/recommendation-settings/", MyRecommendationSettingsView.as_view(), name="my-recommendation-settings"),
    path("me/recommendations/", MyRecommendationsView.as_view(), name="my-recommendations"),
    path("impressions/", ImpressionView.as_view(), name="impressions"),
    path("startups/", StartupListView.as_view(), name="startups"),
    path("startups/<uuid:startup_id>/", StartupView.as_view(), name="startup"),
    path("startups/<uuid:startup_id>/similar/", SimilarStartupsView.as_view(), name="startup-similar"),
    path("interactions/", InteractionListView.as_view(), name="interactions"),
    path("interactions/<int:event_id>/", InteractionView.as_view(), name="interaction"),
    path("interactions/<int:event_id>/undo/", InteractionUndoView.as_view(), name="interaction-undo"),
    path("applications/", ApplicationListView.as_view(), name="applications"),
    path(APPLICATION, ApplicationView.as_view(), name="application"),
    path(f"{APPLICATION}withdraw/", ApplicationWithdrawView.as_view(), name="application-withdraw"),
    path("invitations/", InvitationListView.as_view(), name="invitations"),
    path("invitations/<uuid:invitation_id>/answer/", InvitationAnswerView.as_view(), name="invitation-answer"),
    path("me/startups/", OwnStartupListView.as_view(), name="my-startups"),
    path(MINE, OwnStartupView.as_view(), name="my-startup"),
    path(f"{MINE}status/", OwnStartupStatusView.as_view(), name="my-startup-status"),
    path(f"{MINE}positions/", PositionListView.as_view(), name="my-positions"),
    path(f"{MINE}positions/<int:position_id>/", PositionView.as_view(), name="my-position"),
    path(f"{MINE}numbers/", StartupNumbersView.as_view(), name="my-startup-numbers"),
    path(f"{MINE}people/", StartupPeopleView.as_view(), name="my-startup-people"),
    path(f"{MINE}applications/", ReceivedApplicationListView.as_view(), name="my-startup-applications"),
    path(f"{MINE}invitations/", SentInvitationListView.as_view(), name="my-startup-invitations"),
    path(f"received-{APPLICATION}", ReceivedApplicationView.as_view(), name="received-application"),
    path("members/<uuid:member_id>/", MemberView.as_view(), name="member"),
]
