from __future__ import annotations

import json
from datetime import date
from uuid import uuid4

import numpy as np
import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import CASCADE

from accounts.models import User
from accounts.parts import exports, member_export
from applications.models import Application
from recommendations.embedding_vectors import vector_to_bytes
from recommendations.models import FeedPage, Surface, UserEmbedding
from startups.models import FundingRound, Startup


def as_json(user):
    return json.loads(json.dumps(member_export(user), cls=DjangoJSONEncoder))


def test_a_member_takes_along_all_that_is_theirs(make_user, make_startup, make_event):
    member = make_user(
        email="ada@example.org",
        profile={"bio": "I count.", "skills": ["python"], "is_public": False},
        preferences={"categories": ["fintech"]},
    )
    theirs = make_startup(title="Ledgerleaf", positions=["Engineer"])
    mine = make_startup(title="Mine", owner=member, positions=["Clerk"])
    Startup.objects.filter(pk=mine.pk).update(founded_on=date(2019, 2, 3))
    FundingRound.objects.create(startup=mine, announced_on=date(2020, 5, 6), kind="seed", amount_usd=1e6)
    liked = make_event(member, theirs, "like")
    undo = make_event(member, theirs, "like", undoes=liked)
    make_event(member, theirs, "view")
    Application.objects.create(member=member, startup=theirs, position=theirs.positions.get(), letter="Take me.")
    FeedPage.objects.create(
        list_id=uuid4(),
        number=1,
        user=member,
        surface=Surface.FOR_YOU,
        query={"q": "ledgers"},
        request_id=uuid4(),
        engine="x",
    )
    UserEmbedding.objects.create(
        user=member, model_id="hashing", text_hash="h", vector=vector_to_bytes(np.full(384, 0.5, dtype=np.float32))
    )
    told = as_json(member)
    assert told["account"]["email"] == "ada@example.org"
    assert told["profile"]["bio"] == "I count."
    assert told["profile"]["is_public"] is False
    assert told["preferences"]["categories"] == ["fintech"]
    assert [(startup["title"], startup["positions"][0]["title"]) for startup in told["startups"]] == [("Mine", "Clerk")]
    assert told["startups"][0]["founded_on"] == "2019-02-03"
    assert told["startups"][0]["rounds"] == [{"announced_on": "2020-05-06", "kind": "seed", "amount_usd": 1e6}]
    acts = [(act["startup"], act["type"], act["taken_back_at"] is not None) for act in told["interactions"]]
    assert acts == [("Ledgerleaf", "like", True), ("Ledgerleaf", "view", False)]
    assert told["interactions"][0]["taken_back_at"][:19] == undo.occurred_at.isoformat()[:19]
    assert told["applications"][0]["letter"] == "Take me."
    assert told["applications"][0]["position"] == "Engineer"
    assert told["lists"][0]["query"] == {"q": "ledgers"}
    assert told["embedding"]["vector"] == [0.5] * 384


def test_secrets_and_others_are_not_in_it(member, make_user, make_startup, make_event):
    other = make_user(email="other@example.org")
    startup = make_startup(owner=member)
    make_event(other, startup, "like")
    Application.objects.create(member=other, startup=startup, letter="A private letter.")
    told = json.dumps(as_json(member))
    for secret in (member.password, "other@example.org", str(other.pk), "A private letter."):
        assert secret not in told


def test_who_did_nothing_yet_has_an_empty_but_whole_export(member):
    told = as_json(member)
    assert told["interactions"] == told["applications"] == told["startups"] == []
    assert told["embedding"] is None


def test_two_parts_cannot_share_a_name():
    with pytest.raises(ValueError, match="profile"):
        exports("profile")(lambda user: None)


HANDED_OUT_AS = {
    "accounts.Profile": "profile",
    "accounts.Preferences": "preferences",
    "accounts.MemberSession": "account",
    "startups.Startup": "startups",
    "interactions.InteractionEvent": "interactions",
    "interactions.StartupReport": "reports",
    "applications.Application": "applications",
    "applications.Invitation": "invitations",
    "recommendations.UserEmbedding": "embedding",
    "recommendations.RecommendationSettings": "recommendation_settings",
    "recommendations.FeedPage": "lists",
    "recommendations.Impression": "impressions",
}
KEPT_BACK = {
    "authtoken.Token": "a secret that would open the account to whoever finds the file",
    "authtoken.TokenProxy": "the same",
    "admin.LogEntry": "what an engineer did to others' records",
}


def test_every_record_of_a_member_is_handed_out_or_kept_back_for_a_reason(member):
    theirs = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is User and field.remote_field.on_delete is CASCADE
    }
    assert theirs == HANDED_OUT_AS.keys() | KEPT_BACK.keys()
    assert set(HANDED_OUT_AS.values()) <= member_export(member).keys()
