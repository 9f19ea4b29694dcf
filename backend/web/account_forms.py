"""The forms of accounts: signing up, profile, preferences, passwords, leaving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from accounts.models import Role, User
from accounts.parts import OwnedStartups
from accounts.passwords import password_replace, password_validate
from accounts.services import PreferencesInput, ProfileInput
from config.text_fields import LinesField
from startups.popular_terms import terms_offered
from web.form_errors import refusals_in
from web.terms_fields import TermChips, WrittenTerms, merged

MAX_PASSWORD = 1024
ROLE_WORDS = {
    Role.STUDENT: "I look for a team to join, or for work that matters.",
    Role.INVESTOR: "I look for companies to back.",
    Role.ENTREPRENEUR: "I build one: I look for people, partners, or a business to take on.",
}


def _new_password(label: str) -> forms.CharField:
    attributes = {"autocomplete": "new-password", "minlength": 10}
    return forms.CharField(
        label=label,
        max_length=MAX_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs=attributes),
        help_text="At least 10 characters; a few words in a row are easy to keep in mind.",
    )


def _present_password(label: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(label=label, max_length=MAX_PASSWORD, strip=False, widget=widget)


class SignUpForm(forms.Form):
    """Who wants an account."""

    role = forms.ChoiceField(label="What brings you here?", choices=Role.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="Name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = _new_password("Password")


class ConfirmForm(forms.Form):
    """The password chosen when signing up, where the browser is another."""

    password = _present_password("The password you chose")


class ResetRequestForm(forms.Form):
    """Who forgot their password."""

    email = forms.CharField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class NewPasswordForm(forms.Form):
    """A new password for a member who proved who they are; made and saved by Django's view of reset links."""

    password = _new_password("New password")

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        self.reset_address = ""

    def clean(self) -> None:
        """Let the services judge it."""
        super().clean()
        if "password" in self.cleaned_data:
            with refusals_in(self):
                password_validate(self.cleaned_data["password"], email=self.user.email, name=self.user.name)

    def save(self) -> User:
        """Give it to the member."""
        return password_replace(user=self.user, new=self.cleaned_data["password"], reset_address=self.reset_address)


class ChangePasswordForm(forms.Form):
    """Another password."""

    old = _present_password("Present password")
    password = _new_password("New password")


class ChangeEmailForm(forms.Form):
    """Another address for the account."""

    email = forms.EmailField(
        label="New e-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = _present_password("Your password")


class ProfileForm(forms.Form):
    """What a member says of themselves."""

    name = forms.CharField(label="Name", max_length=150, required=False)
    role = forms.ChoiceField(label="What brings you here?", choices=Role.choices)
    bio = LinesField(
        rows=5,
        label="About you",
        max_length=5000,
        help_text="What you have done and what you would like to do next. "
        "Categories, fields and tags that you name count as chosen.",
    )
    skills = TermChips(label="Skills you have", required=False)
    more_skills = WrittenTerms(label="Other skills")
    city = forms.CharField(label="City", max_length=120, required=False)
    region = forms.CharField(label="Region", max_length=120, required=False)
    state = forms.CharField(label="State", max_length=80, required=False)
    country = forms.CharField(label="Country", max_length=80, required=False)
    is_public = forms.BooleanField(label="Founders may find me", required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: User) -> None:
        known = {name: getattr(user.profile, name) for name in ProfileInput.__annotations__}
        super().__init__(data, initial={"name": user.name, "role": user.role, **known})
        chips = cast("TermChips", self.fields["skills"])
        chips.offer(terms_offered().skills, chosen=user.profile.skills)

    def profile(self) -> ProfileInput:
        """What to keep."""
        cleaned = self.cleaned_data
        kept = {name: cleaned[name] for name in ProfileInput.__annotations__}
        return cast("ProfileInput", {**kept, "skills": merged(cleaned["skills"], cleaned["more_skills"])})


class PreferencesForm(forms.Form):
    """What a member looks for; `only` some of it, when asked step by step."""

    categories = TermChips(label="Categories", required=False)
    fields_ = TermChips(label="Fields", required=False)
    tags = TermChips(label="Topics", required=False)
    stages = TermChips(label="Stages", required=False)
    skills = TermChips(label="Skills", required=False)
    more_tags = WrittenTerms(label="Other topics")
    more_skills = WrittenTerms(label="Other skills")

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: User, only: tuple[str, ...] = ()) -> None:
        wanted = only or tuple(PreferencesInput.__annotations__)
        initial = {_form_name(name): getattr(user.preferences, name) for name in wanted}
        super().__init__(data, initial=initial)
        offered = terms_offered(categories=user.preferences.categories)
        for name in PreferencesInput.__annotations__:
            if name not in wanted:
                self.fields.pop(_form_name(name))
                self.fields.pop(f"more_{name}", None)
                continue
            chips = cast("TermChips", self.fields[_form_name(name)])
            chips.offer(getattr(offered, name), chosen=getattr(user.preferences, name))
        self.wanted = wanted

    def changes(self) -> PreferencesInput:
        """What to keep of what was asked."""
        cleaned = self.cleaned_data
        kept = {name: merged(cleaned[_form_name(name)], cleaned.get(f"more_{name}", [])) for name in self.wanted}
        return cast("PreferencesInput", kept)


def _form_name(name: str) -> str:
    """`fields` is what Django's forms call their fields."""
    return "fields_" if name == "fields" else name


class LeaveForm(forms.Form):
    """Deleting the account."""

    startups = forms.ChoiceField(
        label="Your startups",
        required=False,
        choices=[
            (OwnedStartups.CLOSE, "Close them; people who saved or joined them keep what they saw"),
            (OwnedStartups.REMOVE, "Remove them with everything"),
        ],
        initial=OwnedStartups.CLOSE,
        widget=forms.RadioSelect,
    )
    password = _present_password("Your password")

    def choice(self) -> OwnedStartups:
        """What becomes of the startups."""
        return OwnedStartups(self.cleaned_data["startups"] or OwnedStartups.CLOSE)
