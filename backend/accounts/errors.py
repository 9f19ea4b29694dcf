"""What can be wrong with an account."""

from __future__ import annotations

from config.errors import PlatformError


class AccountError(PlatformError):
    """The root of this app's errors."""


class WrongPasswordError(AccountError):
    """The password that was to prove who asks is another."""


class SignUpGoneError(AccountError):
    """The link of a sign-up is mangled, too old, or was used."""


class EmailChangeGoneError(AccountError):
    """The link that confirms a new e-mail address does not work, or no longer."""
