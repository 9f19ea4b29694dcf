"""Signing up: nobody learns whether an address has an account but whoever reads its e-mail.

Every request is answered alike and costs alike: a password is hashed, a row is written, an e-mail leaves in the
background. To the address of a member it says that they are one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import mail
from accounts.errors import SignUpGoneError, WrongPasswordError
from accounts.models import SignUp, User
from accounts.passwords import password_validate
from accounts.services import user_create
from config.records import validate_record

LINK_LIFE = timedelta(days=1)
MAILS_PER_HOUR = 3
"""To one address: signing somebody else up again and again must not fill their inbox."""
SALT = "accounts.sign_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpAddresses:
    """Where the e-mails lead: a function of the token, and two pages."""

    confirm: Callable[[str], str]
    login: str
    reset: str


def sign_up_request(*, email: str, name: str, role: str, password: str, addresses: SignUpAddresses) -> SignUp:
    """Write down that somebody wants an account, and e-mail the address a link, or the news that there is one.

    Raises:
        ValidationError: If a value is refused; whether the address has an account never plays a part.
    """
    email = User.objects.normalize_email(email).lower()
    password_validate(password, email=email, name=name)
    wanted = SignUp(email=email, name=name, role=role, password=make_password(password))
    validate_record(wanted)
    SignUp.objects.filter(requested_at__lt=timezone.now() - LINK_LIFE).delete()
    wanted.save(force_insert=True)
    mail.soon(partial(_write, wanted, addresses))
    return wanted


def sign_up_find(*, token: str) -> SignUp:
    """The sign-up that an e-mailed link names.

    Raises:
        SignUpGoneError: If the link is mangled, too old, or was used.
    """
    try:
        key = signing.loads(token, salt=SALT, max_age=LINK_LIFE)
    except signing.BadSignature as error:
        raise SignUpGoneError("the link is too old or was cut off; sign up once more") from error
    wanted = SignUp.objects.filter(pk=key).first()
    if wanted is None:
        raise SignUpGoneError("the link was used already; log in, or sign up once more")
    return wanted


@transaction.atomic
def sign_up_confirm(*, token: str, password: str | None, started_here: UUID | None) -> User:
    """Make the account.

    Args:
        token: Of the e-mailed link.
        password: The password chosen when signing up; not needed where `started_here` is this sign-up.
        started_here: The sign-up that the browser at hand began. Elsewhere the password is asked for: else somebody
            could sign up with another's address, and wait for them to follow the link.

    Raises:
        SignUpGoneError: If the link is mangled, too old, or was used, or the address has an account by now.
        WrongPasswordError: If the password is needed and another.
    """
    wanted = sign_up_find(token=token)
    if started_here != wanted.pk and not check_password(password or "", wanted.password):
        raise WrongPasswordError("the password is not the one chosen when signing up")
    try:
        user = user_create(email=wanted.email, role=wanted.role, name=wanted.name)
    except (ValidationError, IntegrityError) as error:  # the latter when two links of one address race
        raise SignUpGoneError("the address has an account by now; log in") from error
    user.password = wanted.password
    user.save(update_fields=["password"])
    SignUp.objects.filter(email=wanted.email).delete()
    return user


def sign_up_token(wanted: SignUp) -> str:
    """What the link carries: the key, signed, so that reading the table alone opens no account."""
    return signing.dumps(str(wanted.pk), salt=SALT)


def _write(wanted: SignUp, addresses: SignUpAddresses) -> None:
    lately = timezone.now() - timedelta(hours=1)
    if SignUp.objects.filter(email=wanted.email, requested_at__gt=lately).count() > MAILS_PER_HOUR:
        return
    if User.objects.filter(email=wanted.email).exists():
        # What a member typed is likely their password; the row is kept only to count e-mails.
        SignUp.objects.filter(pk=wanted.pk).update(password=make_password(None))
        mail.mail_send(
            to=wanted.email, template="already_member", login_address=addresses.login, reset_address=addresses.reset
        )
        return
    mail.mail_send(to=wanted.email, template="sign_up", address=addresses.confirm(sign_up_token(wanted)))
