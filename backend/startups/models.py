"""Startups, their positions and their funding rounds."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from config.fields import LocationFields, TermsField

MAX_DESCRIPTION_LENGTH = 20_000
MAX_REQUIREMENTS_LENGTH = 5_000


class StartupType(models.TextChoices):
    """What a startup is here for."""

    MARKETPLACE = "marketplace", "Marketplace: for sale or for investment"
    COLLABORATION = "collaboration", "Collaboration: looking for people"


class Phase(models.TextChoices):
    """How far a startup is."""

    IDEA = "idea", "Idea"
    PROTOTYPE = "prototype", "Prototype"
    LAUNCHED = "launched", "Launched"
    GROWING = "growing", "Growing"
    ESTABLISHED = "established", "Established"


class StartupStatus(models.TextChoices):
    """Whether members may see a startup."""

    ACTIVE = "active", "Active"
    HIDDEN = "hidden", "Hidden by its owner"
    SOLD = "sold", "Sold"
    CLOSED = "closed", "Closed"


class Startup(LocationFields):
    """A startup; only an active one is recommended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="startups",
        null=True,
        blank=True,
        help_text="Empty for an imported startup that nobody has claimed.",
    )
    external_id = models.CharField(
        max_length=200, null=True, blank=True, unique=True, help_text="The key in the system it was imported from."
    )
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="", max_length=MAX_DESCRIPTION_LENGTH)
    type = models.CharField(max_length=20, choices=StartupType.choices)
    category = models.CharField(max_length=80, blank=True, default="")
    field = models.CharField(max_length=80, blank=True, default="")
    phase = models.CharField(max_length=20, choices=Phase.choices, blank=True, default="")
    stages = TermsField(help_text="Funding stages, e.g. seed, series-a.")
    tags = TermsField()
    status = models.CharField(max_length=20, choices=StartupStatus.choices, default=StartupStatus.ACTIVE)
    founded_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField(default=timezone.now, help_text="Since when members could find it.")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="Since when members no longer can.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-opened_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(type__in=StartupType.values), name="startup_type_known"),
            models.CheckConstraint(condition=models.Q(status__in=StartupStatus.values), name="startup_status_known"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(closed_at__gte=models.F("opened_at")),
                name="startup_closes_after_opening",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-opened_at", "id"], name="startup_newest"),
            models.Index(fields=["category"], name="startup_category"),
            models.Index(fields=["field"], name="startup_field"),
            models.Index(fields=["updated_at"], name="startup_updated_at"),
            # Whoever follows the catalogue counts what is open every few seconds, and finds all it needs in here.
            models.Index(fields=["status", "-opened_at", "closed_at", "updated_at"], name="startup_open"),
        ]

    def __str__(self) -> str:
        return self.title


class Position(models.Model):
    """A position that a startup offers."""

    startup = models.ForeignKey(Startup, on_delete=models.CASCADE, related_name="positions")
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    title = models.CharField(max_length=200)
    requirements = models.TextField(blank=True, default="", max_length=MAX_REQUIREMENTS_LENGTH)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["startup_id", "id"]

    def __str__(self) -> str:
        return f"{self.title} at {self.startup}"


class FundingRound(models.Model):
    """A funding round: a startup is open for investment around its date."""

    startup = models.ForeignKey(Startup, on_delete=models.CASCADE, related_name="rounds")
    announced_on = models.DateField()
    kind = models.CharField(max_length=40, blank=True, default="")
    amount_usd = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["startup_id", "announced_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["startup", "announced_on", "kind"], name="round_once"),
            models.CheckConstraint(
                condition=models.Q(amount_usd__isnull=True) | models.Q(amount_usd__gte=0), name="round_amount_positive"
            ),
        ]
        indexes = [models.Index(fields=["announced_on"], name="round_announced_on")]

    def __str__(self) -> str:
        return f"{self.kind or 'round'} of {self.startup} on {self.announced_on}"
