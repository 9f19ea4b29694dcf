"""Choosing, proving, changing and resetting passwords."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from axes.models import AccessAttempt
from django.contrib.auth import password_validation
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from rest_framework.authtoken.models import Token

from accounts import mail
from accounts.errors import WrongPasswordError
from accounts.models import User
from accounts.services import user_set_password

ResetAddress = Callable[[str, str], str]
"""From the member's key and the token, as a link carries them, to the page where a new password is chosen."""


def password_validate(password: str, *, email: str, name: str) -> None:
    """Refuse a password that is short, common, all digits, or much like who uses it.

    Raises:
        ValidationError: Under `password`, naming all that is wrong.
    """
    try:
        password_validation.validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error


def password_prove(*, user: User, password: str) -> None:
    """Make sure that it is the member who asks.

    Raises:
        WrongPasswordError: If the password is another.
    """
    if not user.check_password(password):
        raise WrongPasswordError("that is not your password")


def password_change(*, user: User, old: str, new: str, reset_address: str) -> User:
    """Give a member another password; ends their other sessions and tokens, and tells them by e-mail.

    Raises:
        WrongPasswordError: If `old` is not their password.
        ValidationError: If `new` is too weak.
    """
    password_prove(user=user, password=old)
    return password_replace(user=user, new=new, reset_address=reset_address)


def password_replace(*, user: User, new: str, reset_address: str) -> User:
    """Give a member who proved who they are a new password; ends sessions and tokens, and tells them by e-mail.

    Raises:
        ValidationError: If it is too weak.
    """
    password_validate(new, email=user.email, name=user.name)
    user_set_password(user=user, password=new)
    Token.objects.filter(user=user).delete()
    AccessAttempt.objects.filter(username=user.email).delete()  # who can choose a new one may log in with it
    mail.soon(partial(mail.mail_send, to=user.email, template="password_changed", reset_address=reset_address))
    return user


def password_reset_request(*, email: str, address: ResetAddress) -> None:
    """E-mail the member of that address a link, if there is one; looked up in the background, so nobody can tell."""
    mail.soon(partial(_write, email, address))


def _write(email: str, address: ResetAddress) -> None:
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        return
    key = urlsafe_base64_encode(force_bytes(user.pk))
    mail.mail_send(
        to=user.email, template="password_reset", address=address(key, default_token_generator.make_token(user))
    )
