"""The pages that members use."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from web.views.activity import activity
from web.views.acts import act
from web.views.feed import feed
from web.views.startup import startup_page
from web.views.theme import theme_change

app_name = "web"
urlpatterns = [
    path("", feed, name="feed"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("theme/", theme_change, name="theme"),
    path("activity/", activity, name="activity"),
    path("startups/<uuid:startup_id>/", startup_page, name="startup"),
    path("startups/<uuid:startup_id>/acts/", act, name="act"),
    path("", include("web.account_urls")),
    path("", include("web.founder_urls")),
]
