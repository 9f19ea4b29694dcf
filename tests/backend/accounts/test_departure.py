from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.db.models import ForeignKey, OneToOneField
from rest_framework.authtoken.models import Token

from accounts.departure import user_delete
from accounts.errors import WrongPasswordError
from accounts.models import MemberSession, SignUp, User
from accounts.parts import OwnedStartups
from applications.models import Application
from interactions.models import InteractionEvent
from recommendations.models import UserEmbedding
from startups.models import Startup

PASSWORD = "a long enough password"


@pytest.fixture
def settled(client, member, make_user, make_startup, make_event):
    """A member with something in every table, and a neighbour who dealt with them."""
    neighbour, mine, theirs = make_user(), make_startup(owner=member), make_startup()
    liked = make_event(member, theirs, "like")
    make_event(member, theirs, "like", undoes=liked)
    make_event(neighbour, mine, "favorite")
    Application.objects.create(member=member, startup=theirs)
    Application.objects.create(member=neighbour, startup=mine)
    UserEmbedding.objects.create(user=member, model_id="m", text_hash="h", vector=b"v")
    Token.objects.create(user=member)
    SignUp.objects.create(email=member.email, role="student", password="!")
    AccessAttempt.objects.create(username=member.email, failures_since_start=1, ip_address="127.0.0.1")
    client.force_login(member)
    return {"mine": mine, "theirs": theirs, "neighbour": neighbour}


def rows_of(user):
    """Every row of every table that points to the user."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey | OneToOneField) and field.related_model is User:
                found[f"{model.__name__}.{field.name}"] = model._base_manager.filter(**{field.name: user.pk}).count()
    return {name: count for name, count in found.items() if count}


@pytest.mark.parametrize("choice", list(OwnedStartups))
def test_nothing_that_points_to_the_member_is_left(member, settled, choice):
    assert {"InteractionEvent.user", "UserEmbedding.user", "MemberSession.user"} <= rows_of(member).keys()
    user_delete(user=member, password=PASSWORD, startups=choice)
    assert rows_of(member) == {}
    assert not User.objects.filter(pk=member.pk).exists()
    assert not SignUp.objects.exists()
    assert not AccessAttempt.objects.exists()
    assert not MemberSession.objects.exists()
    assert not Token.objects.exists()


def test_closed_startups_stay_with_those_who_acted_on_them(member, settled):
    user_delete(user=member, password=PASSWORD, startups=OwnedStartups.CLOSE)
    startup = Startup.objects.get(pk=settled["mine"].pk)
    assert (startup.status, startup.owner) == ("closed", None)
    assert startup.closed_at is not None
    assert InteractionEvent.objects.filter(user=settled["neighbour"]).count() == 1
    assert Application.objects.filter(member=settled["neighbour"]).count() == 1


def test_a_sold_startup_stays_sold(member, make_startup):
    startup = make_startup(owner=member, status="sold")
    user_delete(user=member, password=PASSWORD, startups=OwnedStartups.CLOSE)
    startup.refresh_from_db()
    assert startup.status == "sold"


def test_removed_startups_go_with_all_that_was_done_to_them(member, settled):
    user_delete(user=member, password=PASSWORD, startups=OwnedStartups.REMOVE)
    assert list(Startup.objects.all()) == [settled["theirs"]]
    assert not InteractionEvent.objects.exists()
    assert not Application.objects.exists()
    assert User.objects.filter(pk=settled["neighbour"].pk).exists()


def test_a_wrong_password_deletes_nothing(member, settled):
    before = rows_of(member)
    with pytest.raises(WrongPasswordError):
        user_delete(user=member, password="a guess", startups=OwnedStartups.REMOVE)
    assert rows_of(member) == before
