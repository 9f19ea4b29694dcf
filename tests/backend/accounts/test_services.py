from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from accounts.models import Preferences, Profile, User
from accounts.services import user_create, user_set_password, user_update

pytestmark = pytest.mark.django_db


def test_a_person_comes_with_profile_and_preferences():
    user = user_create(
        email="Ada@Example.org",
        password="difference engine",
        role="investor",
        name="Ada",
        external_id="/person/ada",
        profile={"bio": "I count.", "skills": ["python"], "city": "London", "country": "GBR", "is_public": False},
        preferences={"categories": ["fintech"], "fields": ["payments"], "tags": ["b2b"], "stages": ["seed"]},
    )
    stored = User.objects.get(pk=user.pk)
    assert (stored.email, stored.role, stored.external_id) == ("ada@example.org", "investor", "/person/ada")
    assert stored.check_password("difference engine")
    assert (stored.profile.skills, stored.profile.city, stored.profile.is_public) == (["python"], "London", False)
    assert (stored.preferences.fields, stored.preferences.skills) == (["payments"], [])


def test_a_new_name_leaves_alone_what_another_tab_changed_meanwhile(member):
    assert member.profile.bio == ""  # read before
    Profile.objects.filter(user=member).update(bio="Written in another tab.")
    user_update(user=member, name="Ada")
    member.refresh_from_db()
    assert (member.name, Profile.objects.get(user=member).bio) == ("Ada", "Written in another tab.")


def test_without_a_password_nobody_can_log_in():
    assert not user_create(email="a@example.org").has_usable_password()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "TAKEN@example.org"}, "email"),
        ({"role": "pirate"}, "role"),
        ({"name": "x" * 151}, "name"),
        ({"profile": {"skills": ["a", "a"]}}, "skills"),
        ({"profile": {"skills": "python"}}, "skills"),
        ({"profile": {"bio": "x" * 5001}}, "bio"),
        ({"profile": {"bio": "a\x00b"}}, "bio"),
        ({"profile": {"city": "\ud800"}}, "city"),
        ({"preferences": {"tags": ["a\x00b"]}}, "tags"),
        ({"preferences": {"tags": ["x" * 81]}}, "tags"),
        ({"preferences": {"tags": [" "]}}, "tags"),
        ({"preferences": {"tags": [str(n) for n in range(51)]}}, "tags"),
    ],
)
def test_a_refused_value_is_named_and_nothing_is_written(make_user, values, named):
    make_user(email="taken@example.org")
    with pytest.raises(ValidationError) as refused:
        user_create(**{"email": "new@example.org", **values})
    assert named in refused.value.message_dict
    assert User.objects.count() == Profile.objects.count() == Preferences.objects.count() == 1


def test_the_first_engineer_has_a_members_pages(client):
    call_command("createsuperuser", email="Edda@Example.org", interactive=False)
    engineer = User.objects.get(email="edda@example.org")
    assert (engineer.is_staff, engineer.is_superuser, engineer.profile.is_public) == (True, True, False)
    client.force_login(engineer)
    for address in ("/profile/", "/profile/preferences/", "/welcome/", "/account/export/", f"/members/{engineer.pk}/"):
        assert client.get(address).status_code == 200, address


def test_a_new_password_ends_other_sessions(client, member):
    client.force_login(member)
    assert client.get("/activity/").status_code == 200
    user_set_password(user=member, password="another long password")
    assert client.get("/activity/").status_code == 302
    member.refresh_from_db()
    assert member.check_password("another long password")


def test_an_empty_password_is_refused(member):
    with pytest.raises(ValidationError, match="empty"):
        user_set_password(user=member, password="")
