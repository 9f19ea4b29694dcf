"""The pages on which members discover startups, and what they decide about their recommendations."""

from __future__ import annotations

from django.urls import path

from web.views.activity import activity
from web.views.acts import act
from web.views.apply import startup_apply
from web.views.feed import feed
from web.views.impressions import impressions
from web.views.improve import belief_remove, improve, personalisation
from web.views.report import startup_report
from web.views.startup import startup_page

STARTUP = "startups/<uuid:startup_id>/"

urlpatterns = [
    path("", feed, name="feed"),
    path("activity/", activity, name="activity"),
    path("recommendations/", improve, name="discover_improve"),
    path("recommendations/personal/", personalisation, name="discover_personalisation"),
    path("recommendations/remove/", belief_remove, name="discover_belief_remove"),
    path("impressions/", impressions, name="discover_impressions"),
    path(STARTUP, startup_page, name="startup"),
    path(f"{STARTUP}acts/", act, name="act"),
    path(f"{STARTUP}apply/", startup_apply, name="startup_apply"),
    path(f"{STARTUP}report/", startup_report, name="startup_report"),
]
