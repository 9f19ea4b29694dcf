from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from interactions.models import InteractionEvent

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
URL = "/api/v1/interactions/"


@pytest.fixture
def act(startup):
    """`act(type="apply", ...)`: a body that records an act on `startup`."""
    return lambda **changes: {"startup_id": str(startup.pk), "type": "like", "idempotency_key": "k1", **changes}


def test_recording_an_act(api, member, startup, act):
    request_id = str(uuid4())
    sent = act(recommendation_request_id=request_id, recommendation_position=2)
    response = api.post(URL, sent)
    event = InteractionEvent.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        **sent,
        "id": event.pk,
        "occurred_at": event.occurred_at.isoformat().replace("+00:00", "Z"),
        "undone_at": None,
    }
    assert (event.user, event.startup, event.type) == (member, startup, "like")


def test_the_same_key_again_answers_the_same(api, act):
    first, again = api.post(URL, act()), api.post(URL, act())
    assert (again.status_code, again.json()) == (201, first.json())
    assert InteractionEvent.objects.count() == 1


def test_the_same_key_for_another_act_is_a_conflict(api, act, check_problem):
    api.post(URL, act())
    check_problem(api.post(URL, act(type="apply")), 409, "'k1' already stands for another act (type like)")
    assert InteractionEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"type": "adore"}, ["'adore' is not one of: apply, interest, favorite, like, click, view, dislike."]),
        ({"type": "like\x00"}, ["type"]),
        ({"type": "\ud800"}, ["type"]),
        ({"type": None}, ["type: This field may not be null."]),
        ({"type": ["like"]}, ["type"]),
        ({"type": {"a": 1}}, ["type"]),
        ({"startup_id": "1"}, ["startup_id: Must be a valid UUID."]),
        ({"startup_id": 10**60}, ["startup_id"]),
        ({"startup_id": "\x00"}, ["startup_id"]),
        ({"idempotency_key": ""}, ["idempotency_key: This field may not be blank."]),
        ({"idempotency_key": "x" * 201}, ["idempotency_key", "200 characters"]),
        ({"idempotency_key": "a\x00b"}, ["idempotency_key: Null characters are not allowed."]),
        ({"idempotency_key": "\ud800"}, ["idempotency_key: Surrogate characters are not allowed"]),
        ({"idempotency_key": "undo:7"}, ["'undo:' are reserved"]),
        ({"idempotency_key": True}, ["idempotency_key: Not a valid string."]),
        ({"recommendation_request_id": "x"}, ["recommendation_request_id: Must be a valid UUID."]),
        ({"recommendation_position": 0, "recommendation_request_id": str(uuid4())}, ["recommendation_position"]),
        ({"recommendation_position": 10**30, "recommendation_request_id": str(uuid4())}, ["recommendation_position"]),
        ({"recommendation_position": 1}, ["needs the recommendation_request_id"]),
        ({"occurred_at": "2020-01-01T00:00:00Z"}, ["'occurred_at' is unknown; allowed: startup_id, type,"]),
        ({"\ud800": 1}, ["is unknown"]),
        ({"user": str(uuid4())}, ["'user' is unknown"]),
    ],
)
def test_a_bad_act_is_refused_with_what_is_allowed(api, act, check_problem, change, parts):
    check_problem(api.post(URL, json.dumps(act(**change)), content_type="application/json"), 422, *parts)
    assert not InteractionEvent.objects.exists()


@pytest.mark.parametrize("missing", ["startup_id", "type", "idempotency_key"])
def test_what_is_missing_is_named(api, act, check_problem, missing):
    body = act()
    del body[missing]
    check_problem(api.post(URL, body), 422, f"{missing}: This field is required.")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("", 422),
        ("[]", 422),
        ("null", 422),
        ('"like"', 422),
        ("[" * 60_000, 400),
        ('{"type": NaN}', 400),
        (b"\xff\xfe", 400),
        ('{"a": "' + "x" * 70_000 + '"}', 413),
    ],
    ids=["broken", "empty", "list", "null", "string", "deep", "nan", "not utf-8", "large"],
)
def test_a_body_that_is_no_object_is_refused(api, check_problem, body, status):
    check_problem(api.generic("POST", URL, body, content_type="application/json"), status)


@pytest.mark.parametrize("body", ['{"type": "view", "type": "like"}', '[{"a": {"type": 1, "b": 2, "type": 1}}]'])
def test_a_name_that_stands_twice_is_refused(api, check_problem, body):
    response = api.generic("POST", URL, body, content_type="application/json")
    check_problem(response, 400, "'type' stands more than once in an object")


def test_another_media_type_is_refused(api, act, check_problem):
    check_problem(api.post(URL, "a=b", content_type="application/x-www-form-urlencoded"), 415)


def test_an_act_on_an_unknown_or_invisible_startup_finds_nothing(api, act, make_startup, check_problem):
    unknown, hidden = uuid4(), make_startup(status="hidden").pk
    for startup_id in (unknown, hidden):
        answer = api.post(URL, act(startup_id=str(startup_id)))
        check_problem(answer, 404)
        assert answer.json()["detail"] == f"there is no active startup {startup_id}"


def test_an_act_on_ones_own_startup_is_refused(api, act, member, make_startup, check_problem):
    own = make_startup(owner=member)
    check_problem(api.post(URL, act(startup_id=str(own.pk))), 422, "is your own")


def test_undoing_keeps_the_act_and_says_when_it_was_withdrawn(api, act):
    event_id = api.post(URL, act()).json()["id"]
    first, again = api.post(f"{URL}{event_id}/undo/"), api.post(f"{URL}{event_id}/undo/")
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() == api.get(f"{URL}{event_id}/").json()
    assert first.json()["undone_at"] is not None
    assert InteractionEvent.objects.count() == 2


def test_anothers_act_is_not_there(api, make_user, startup, make_event, check_problem):
    theirs = make_event(make_user(), startup, "like").pk
    check_problem(api.get(f"{URL}{theirs}/"), 404)
    check_problem(api.post(f"{URL}{theirs}/undo/"), 404)
    assert api.get(URL).json()["results"] == []
    assert InteractionEvent.objects.count() == 1


@pytest.mark.parametrize("event_id", [0, 12345, 10**30])
def test_an_act_that_never_was_is_not_there(api, db, check_problem, event_id):
    check_problem(api.get(f"{URL}{event_id}/"), 404)
    check_problem(api.post(f"{URL}{event_id}/undo/"), 404)


def test_my_acts_latest_first_page_by_page(api, member, startup, make_event):
    made = [make_event(member, startup, "view", occurred_at=NOON + timedelta(hours=n // 2)).pk for n in range(5)]
    found, cursor = [], {}
    while cursor is not None:
        page = api.get(URL, {"limit": 2, **cursor}).json()
        found += [act["id"] for act in page["results"]]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert found == made[::-1]


def test_my_acts_can_be_narrowed_down(api, member, startup, make_startup, make_event):
    other = make_startup()
    like, view = make_event(member, startup, "like"), make_event(member, other, "view")
    undoing = make_event(member, startup, "like", undoes=like)
    by_type = api.get(URL, {"type": "like"}).json()["results"]
    by_startup = api.get(URL, {"startup_id": str(other.pk)}).json()["results"]
    assert [act["id"] for act in by_type] == [like.pk]
    assert datetime.fromisoformat(by_type[0]["undone_at"]) == undoing.occurred_at
    assert [act["id"] for act in by_startup] == [view.pk]
