"""People in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.authtoken.models import TokenProxy
from unfold.admin import ModelAdmin, StackedInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.departure import user_remove
from accounts.models import Preferences, Profile, SignUp, User
from accounts.parts import OwnedStartups
from config.admin_tools import TERMS_AS_TEXT, count_of
from interactions.models import InteractionEvent
from startups.models import Startup

admin.site.unregister(Group)
admin.site.unregister(TokenProxy)  # a token is a secret of its owner


class NewUserForm(UserCreationForm):
    """Asks for an e-mail address in place of a user name."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).lower()


class ProfileInline(StackedInline):
    """What the person says of themselves."""

    model = Profile
    formfield_overrides = TERMS_AS_TEXT
    can_delete = False


class PreferencesInline(StackedInline):
    """What the person chose at onboarding."""

    model = Preferences
    formfield_overrides = TERMS_AS_TEXT
    can_delete = False


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """People with their profile, preferences and counts."""

    form = UserChangeForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    inlines = (ProfileInline, PreferencesInline)
    list_per_page = 50
    list_display = ("email", "name", "role", "acts", "owned_startups", "is_active", "date_joined")
    list_filter = ("role", "is_active", "is_staff", "date_joined")
    search_fields = ("email", "name", "external_id")
    ordering = ("-date_joined", "id")
    readonly_fields = ("id", "acts", "owned_startups", "last_login", "date_joined", "updated_at")
    autocomplete_fields = ("groups",)
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "role", "external_id")}),
        ("Activity", {"fields": ("acts", "owned_startups", "last_login", "date_joined", "updated_at", "id")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """People with their counts."""
        people: QuerySet[User] = super().get_queryset(request)
        return people.annotate(
            acts_count=count_of(InteractionEvent, by="user"), startups_count=count_of(Startup, by="owner")
        )

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        """A new person is saved first, then described."""
        return list(super().get_inlines(request, obj)) if obj else []

    @admin.display(description="Acts", ordering="acts_count")
    def acts(self, user: Any) -> int:
        """How many events the person caused, undoings included."""
        return int(user.acts_count)

    @admin.display(description="Startups", ordering="startups_count")
    def owned_startups(self, user: Any) -> int:
        """How many startups the person owns."""
        return int(user.startups_count)

    def delete_model(self, request: HttpRequest, obj: User) -> None:  # noqa: ARG002 - Django's signature
        """The way out that members take; their startups go too, as the page that asks says."""
        user_remove(user=obj, startups=OwnedStartups.REMOVE)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """The same for several."""
        with transaction.atomic():
            for user in queryset:
                self.delete_model(request, user)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Every person has a profile and preferences, also one made here."""
        super().save_model(request, obj, form, change)
        if not change:
            Profile.objects.create(user=obj)
            Preferences.objects.create(user=obj)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Groups of engineers."""


@admin.register(SignUp)
class SignUpAdmin(ModelAdmin):
    """People who have yet to follow the link that was e-mailed to them."""

    list_display = ("email", "name", "role", "requested_at")
    list_filter = ("role", "requested_at")
    search_fields = ("email", "name")
    ordering = ("-requested_at", "id")
    fields = ("email", "name", "role", "requested_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """People sign themselves up."""
        return False
