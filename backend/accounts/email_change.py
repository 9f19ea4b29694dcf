"""Moving an account to another e-mail address, which its new reader confirms.

Nobody learns whether an address has an account but whoever reads its e-mail: every request is answered alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from axes.models import AccessAttempt
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import mail
from accounts.errors import EmailChangeGoneError
from accounts.models import User
from accounts.passwords import password_prove

LINK_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangeAddresses:
    """Where the e-mails lead: a function of the token, and two pages."""

    confirm: Callable[[str], str]
    login: str
    reset: str


def email_change_request(*, user: User, password: str, email: str, addresses: EmailChangeAddresses) -> None:
    """E-mail the new address a link, or the news that it has an account.

    Raises:
        WrongPasswordError: If the password is not theirs.
        ValidationError: Under `email`, if it is no address, or theirs already.
    """
    password_prove(user=user, password=password)
    wanted = User.objects.normalize_email(email).lower()
    try:
        User._meta.get_field("email").clean(wanted, None)
    except ValidationError as error:
        raise ValidationError({"email": error.messages}) from error
    if wanted == user.email:
        raise ValidationError({"email": "That is your address already."})
    mail.soon(partial(_write, user, wanted, addresses))


def email_change_find(*, user: User, token: str) -> str:
    """The new address that an e-mailed link names.

    Raises:
        EmailChangeGoneError: If the link is mangled, too old, was used, is another member's, or their password is
            another since.
    """
    try:
        return str(signing.loads(token, salt=_salt(user), max_age=LINK_LIFE))
    except signing.BadSignature as error:
        raise EmailChangeGoneError(
            "the link was used, is too old, was cut off, or belongs to another account; ask for a new one"
        ) from error


def email_change_confirm(*, user: User, token: str) -> User:
    """Move the account, and tell the old address.

    Raises:
        EmailChangeGoneError: As `email_change_find`, or if the address has an account by now.
    """
    old, new = user.email, email_change_find(user=user, token=token)
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(email=new, updated_at=timezone.now())
            AccessAttempt.objects.filter(username=new).delete()  # of whoever guessed at it while it was nobody's
    except IntegrityError as error:
        raise EmailChangeGoneError("the address has an account by now") from error
    user.email = new
    mail.soon(partial(mail.mail_send, to=old, template="email_changed", new=new))
    return user


def email_change_token(*, user: User, email: str) -> str:
    """What the link carries: the new address, signed for this member as they are now."""
    return signing.dumps(email, salt=_salt(user))


def _salt(user: User) -> str:
    """Another once the address or the password changed, so that no older link works."""
    return f"accounts.email_change:{user.pk}:{user.email}:{user.get_session_auth_hash()}"


def _write(user: User, wanted: str, addresses: EmailChangeAddresses) -> None:
    if User.objects.filter(email=wanted).exists():
        mail.mail_send(
            to=wanted, template="already_member", login_address=addresses.login, reset_address=addresses.reset
        )
        return
    address = addresses.confirm(email_change_token(user=user, email=wanted))
    mail.mail_send(to=wanted, template="email_change", address=address)
