"""Every address of version 1."""

from __future__ import annotations

from django.urls import path

from api.v1.interactions import InteractionListView, InteractionUndoView, InteractionView
from api.v1.recommendations import MyRecommendationsView
from api.v1.startups import SimilarStartupsView, StartupListView, StartupView
from api.v1.tokens import TokenObtainView, TokenRevokeView

app_name = "api-v1"
urlpatterns = [
    path("tokens/", TokenObtainView.as_view(), name="token-obtain"),
    path("tokens/revoke/", TokenRevokeView.as_view(), name="token-revoke"),
    path("startups/", StartupListView.as_view(), name="startups"),
    path("startups/<uuid:startup_id>/", StartupView.as_view(), name="startup"),
    path("startups/<uuid:startup_id>/similar/", SimilarStartupsView.as_view(), name="startup-similar"),
    path("interactions/", InteractionListView.as_view(), name="interactions"),
    path("interactions/<int:event_id>/", InteractionView.as_view(), name="interaction"),
    path("interactions/<int:event_id>/undo/", InteractionUndoView.as_view(), name="interaction-undo"),
    path("me/recommendations/", MyRecommendationsView.as_view(), name="my-recommendations"),
]
