"""The limit of any Django page: one static template, under the same server, with the same log of server times."""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ["SECRET_KEY"],
    MIDDLEWARE=["config.request_log.RequestLogMiddleware"],
    TEMPLATES=[
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(os.environ["BARE_DJANGO_PAGES"])]}
    ],
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {"config.request_log": {"level": "INFO", "handlers": ["console"]}},
    },
)
django.setup()


def page(request: HttpRequest) -> HttpResponse:
    """The page, whatever was asked for."""
    return render(request, "page.html")


urlpatterns = [path("bare/", page)]


def application() -> WSGIHandler:
    """For the server."""
    return get_wsgi_application()
