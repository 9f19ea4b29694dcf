from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Role
from contracts.api import Reason, RecommendedPeople, RecommendedPerson
from recommendations.people import people_for_startup

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def owner(make_user):
    return make_user(role="entrepreneur")


@pytest.fixture
def startup(make_startup, owner):
    return make_startup(owner=owner)


@pytest.fixture
def people_answer():
    """`people_answer(startup, [user, ...])`: what a healthy service answers."""

    def answer(startup, users, **changes):
        why = [Reason(kind="skills", values=["python"], text="Knows Python")]
        items = [
            RecommendedPerson(user_id=user.pk, rank=rank, score=1 / rank, mutual_score=0.5, reasons=why)
            for rank, user in enumerate(users, start=1)
        ]
        values = {
            "request_id": uuid.uuid4(),
            "startup_id": startup.pk,
            "segment": "warm",
            "rung": "two_tower",
            "engine": "two_tower",
            "model_version": "two_tower_v7",
            "degraded": False,
            "exhausted": False,
            "generated_at": NOON,
            "items": items,
        }
        return RecommendedPeople(**{**values, **changes})

    return answer


def users_of(people):
    return [item.user for item in people.items]


def asked(service):
    return json.loads(service.bodies[0])


def test_the_services_order_and_reasons_are_kept(service, startup, owner, make_user, people_answer):
    first, second = make_user(), make_user()
    service.answers(people_answer(startup, [second, first]))
    people = people_for_startup(startup=startup, owner=owner, limit=5)
    assert users_of(people) == [second, first]
    assert (people.engine, people.model_version, people.degraded) == ("two_tower", "two_tower_v7", False)
    assert people.items[0].reasons[0].text == "Knows Python"
    assert service.paths == [f"/v1/startups/{startup.pk}/people"]
    assert asked(service) == {"limit": 5, "role": None, "exclude": [], "explain": True}


def test_whoever_hid_since_is_not_shown_whatever_the_service_says(service, startup, owner, make_user, people_answer):
    shown, hidden, gone = make_user(), make_user(profile={"is_public": False}), make_user(is_active=False)
    invited = make_user()
    service.answers(people_answer(startup, [hidden, gone, owner, invited, shown]))
    people = people_for_startup(startup=startup, owner=owner, limit=5, without={invited.pk})
    assert users_of(people) == [shown]
    assert asked(service)["exclude"] == [str(invited.pk)]


def test_all_who_were_invited_are_kept_out_however_many(service, startup, owner, make_user, people_answer):
    invited = {uuid.uuid4() for _ in range(250)}
    service.answers(people_answer(startup, [make_user() for _ in range(5)]))
    assert len(people_for_startup(startup=startup, owner=owner, limit=5, without=invited).items) == 5
    assert (asked(service)["limit"], set(asked(service)["exclude"])) == (5, set(map(str, invited)))


def test_a_role_restricts(service, startup, owner, make_user, people_answer):
    student, investor = make_user(role="student"), make_user(role="investor")
    service.answers(people_answer(startup, [student, investor]))
    assert users_of(people_for_startup(startup=startup, owner=owner, limit=5, role=Role.INVESTOR)) == [investor]
    assert asked(service)["role"] == "investor"


def test_without_the_service_the_newest_stand_in_and_say_so(service_down, startup, owner, make_user):
    make_user(profile={"is_public": False})
    make_user(is_staff=True)
    old, new = (make_user(date_joined=NOON + timedelta(days=n), role="student") for n in range(2))
    people = people_for_startup(startup=startup, owner=owner, limit=5, role=Role.STUDENT)
    assert users_of(people) == [new, old]
    assert (people.degraded, people.degraded_reason) == (True, "the recommendation service is unreachable")
    assert users_of(people_for_startup(startup=startup, owner=owner, limit=1, without={new.pk})) == [old]


def test_a_page_takes_one_query(service, startup, owner, make_user, people_answer, django_assert_num_queries):
    service.answers(people_answer(startup, [make_user() for _ in range(5)]))
    with django_assert_num_queries(1):
        people = people_for_startup(startup=startup, owner=owner, limit=5)
        assert [item.user.profile.bio for item in people.items] == [""] * 5
