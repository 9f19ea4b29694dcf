"""Sends e-mail behind the request, so that no answer's time tells whether there was somebody to write to."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.core.mail import send_mail
from django.template.loader import render_to_string

from config.background import BackgroundWorker

WORKER = BackgroundWorker("mail")


def soon(task: Callable[[], None]) -> None:
    """Run the task in the background, once."""
    WORKER.submit(uuid.uuid4(), task)


def mail_send(*, to: str, template: str, **context: object) -> None:
    """Send one e-mail, now.

    Args:
        to: The address.
        template: A text under `accounts/mail/`; its first line is the subject.
        context: What the text names.
    """
    subject, _, body = render_to_string(f"accounts/mail/{template}.txt", context).strip().partition("\n")
    send_mail(subject, body.strip() + "\n", from_email=None, recipient_list=[to])
