"""The pages that members use."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from web.views.theme import theme_change

app_name = "web"
urlpatterns = [
    path("", include("web.discover_urls")),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("theme/", theme_change, name="theme"),
    path("", include("web.account_urls")),
    path("", include("web.founder_urls")),
]
