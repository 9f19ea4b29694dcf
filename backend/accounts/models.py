"""People."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from config.fields import LocationFields, TermsField


class Role(models.TextChoices):
    """What a person is here for."""

    ENTREPRENEUR = "entrepreneur", "Entrepreneur"
    STUDENT = "student", "Student or developer"
    INVESTOR = "investor", "Investor"


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person; without a password they cannot log in.

        Raises:
            ValueError: If the e-mail address is empty.
        """
        if not email:
            raise ValueError("a user needs an e-mail address, got an empty one")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an engineer with every permission, who has the pages of a member too, and whom no founder finds."""
        with transaction.atomic():
            engineer = self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})
            Profile.objects.create(user=engineer, is_public=False)
            Preferences.objects.create(user=engineer)
        return engineer

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a person by e-mail, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, who logs in with an e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True, help_text="In lower case.")
    name = models.CharField(max_length=150, blank=True, default="")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.STUDENT)
    external_id = models.CharField(
        max_length=200, null=True, blank=True, unique=True, help_text="The key in the system it was imported from."
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["-date_joined", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        ]
        indexes = [
            models.Index(fields=["role"], name="user_role"),
            models.Index(fields=["updated_at"], name="user_updated_at"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Profile(LocationFields):
    """What a person says of themselves."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="profile")
    bio = models.TextField(blank=True, default="", max_length=5000)
    skills = TermsField()
    is_public = models.BooleanField(default=True, help_text="Founders may see this person recommended.")

    def __str__(self) -> str:
        return f"Profile of {self.user}"


class Preferences(models.Model):
    """What a person chose at onboarding."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="preferences")
    categories = TermsField()
    fields = TermsField()
    tags = TermsField()
    stages = TermsField()
    skills = TermsField(help_text="Skills the person wants to use.")

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"Preferences of {self.user}"


class SignUp(models.Model):
    """Somebody wants an account; it is made once the link that was e-mailed to the address is followed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, help_text="In lower case.")
    name = models.CharField(max_length=150, blank=True, default="")
    role = models.CharField(max_length=20, choices=Role.choices)
    password = models.CharField(max_length=128, help_text="Hashed, as a member's is.")
    requested_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-requested_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="sign_up_email_lower_case"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="sign_up_role_known"),
        ]
        indexes = [
            models.Index(fields=["email", "requested_at"], name="sign_up_email"),
            models.Index(fields=["requested_at"], name="sign_up_requested_at"),
        ]

    def __str__(self) -> str:
        return f"Sign-up of {self.email}"


class MemberSession(AbstractBaseSession):
    """A session that knows whose it is, so that it goes with the account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> type[Any]:
        """Django's hook: the store that reads and writes these rows."""
        from accounts.session_store import SessionStore

        return SessionStore

    def __str__(self) -> str:
        return f"Session of {self.user or 'a stranger'}"
