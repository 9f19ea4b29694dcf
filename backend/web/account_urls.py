"""The pages of accounts."""

from __future__ import annotations

from django.urls import path

from web.views.account import account_page, export, leave
from web.views.email import email_confirm, email_page
from web.views.onboarding import welcome
from web.views.password import NewPasswordView, log_in, password_page, password_reset, password_reset_sent
from web.views.profile import preferences_page, profile_page
from web.views.signup import confirm, sign_up, sign_up_sent

urlpatterns = [
    path("login/", log_in, name="login"),
    path("sign-up/", sign_up, name="signup"),
    path("sign-up/sent/", sign_up_sent, name="signup_sent"),
    path("sign-up/<str:token>/", confirm, name="confirm"),
    path("welcome/", welcome, name="welcome"),
    path("welcome/<slug:slug>/", welcome, name="welcome_step"),
    path("password/forgotten/", password_reset, name="password_reset"),
    path("password/forgotten/sent/", password_reset_sent, name="password_reset_sent"),
    path("password/new/<str:uidb64>/<str:token>/", NewPasswordView.as_view(), name="password_new"),
    path("profile/", profile_page, name="profile"),
    path("profile/preferences/", preferences_page, name="preferences"),
    path("account/", account_page, name="account"),
    path("account/password/", password_page, name="password"),
    path("account/email/", email_page, name="email"),
    path("account/email/<str:token>/", email_confirm, name="email_confirm"),
    path("account/export/", export, name="export"),
    path("account/leave/", leave, name="leave"),
]
