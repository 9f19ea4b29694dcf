"""Looking into a member and a startup, with the service and without it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.api import (
    HistoryEntry,
    Inspection,
    Reason,
    RecommendedPeople,
    RecommendedPerson,
    RecommendedStartup,
    RungInspection,
    Withheld,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def rung(name, *startup_ids, problem=None):
    items = [
        RecommendedStartup(
            startup_id=startup_id,
            rank=rank,
            score=1 / rank,
            reasons=[Reason(kind="shared_tag", values=["ai"], text="About ai, as you like it")],
        )
        for rank, startup_id in enumerate(startup_ids, start=1)
    ]
    return RungInspection(rung=name, engine=name, model_version=None, problem=problem, items=items)


def inspection(member, *rungs, withheld=()):
    return Inspection(
        request_id=uuid.uuid4(),
        user_id=member.pk,
        segment="warm",
        route=["two_tower", "content_based"],
        rungs=list(rungs),
        withheld=list(withheld),
        history=[HistoryEntry(startup_id=uuid.uuid4(), type="like", label=0.8, occurred_at=NOW)],
        generated_at=NOW,
    )


def test_people_and_startups_are_found_by_a_part_of_their_name_or_by_id(console, make_user, make_startup, text):
    ada, startup = make_user(name="Ada Lovelace", email="countess@example.org"), make_startup(title="Engine Works")
    for words in ("lovel", "COUNTESS", str(ada.pk)):
        assert "Ada Lovelace" in text(console.get("/console/explorer/", {"q": words}))
    for words in ("engine", str(startup.pk)):
        assert "Engine Works" in text(console.get("/console/explorer/", {"q": words}))
    assert "Nobody of that name. " in text(console.get("/console/explorer/", {"q": "%"}))
    assert "Ada Lovelace" in text(console.get("/console/explorer/"))


@pytest.mark.parametrize("words", ["x" * 201, "\x00", "'; DROP TABLE accounts_user;--"])
def test_a_search_that_finds_nothing_is_no_error(console, words, text):
    text(console.get("/console/explorer/", {"q": words}))


def test_everything_behind_a_members_list(console, service, member, make_startup, make_event, text):
    first, second, applied = make_startup(title="First"), make_startup(title="Second"), make_startup(title="Applied")
    act = make_event(member, first, "like", occurred_at=NOW)
    make_event(member, first, "like", occurred_at=NOW + timedelta(hours=1), undoes=act)
    make_event(
        member, second, "view", occurred_at=NOW, recommendation_request_id=uuid.uuid4(), recommendation_position=4
    )
    gone = uuid.uuid4()
    service.answers(
        inspection(
            member,
            rung("two_tower", second.pk, gone),
            rung("trending", problem="nothing is trending"),
            withheld=[Withheld(rule="already_applied", startup_ids=[applied.pk, gone])],
        )
    )
    shown = text(console.get(f"/console/explorer/members/{member.pk}/"))
    for words in (
        "To the engines: warm ; tried in order: Two tower, Content based.",
        "Second 1.0000 About ai, as you like it shared_tag",
        "a startup that is gone 0.5000",
        "nothing is trending",
        "Already applied : 2 Applied, …",
        "Undid like First no",
        "Like First no",
        "View Second yes place 4 of an answer",
    ):
        assert words in shown, shown


def test_without_the_service_what_the_member_did_is_still_there(
    console, service_down, member, startup, make_event, text
):
    make_event(member, startup, "like", occurred_at=NOW)
    shown = text(console.get(f"/console/explorer/members/{member.pk}/"))
    assert "The recommendation service is unreachable." in shown
    assert "10 Mar 2026 12:00 Like Ledgerleaf yes elsewhere" in shown


def test_a_startups_neighbours_and_people(console, service, member, startup, make_startup, similar_to, text):
    other = make_startup(title="Neighbour")
    similar = similar_to(startup, [other])
    people = RecommendedPeople(
        **similar.model_dump(exclude={"items"}),
        items=[RecommendedPerson(user_id=member.pk, rank=1, score=0.75, mutual_score=0.5)],
    )

    def behave(handler):
        message = people if "/people" in handler.path else similar
        service.sends(200, message.model_dump_json().encode())(handler)

    service.behave = behave
    shown = text(console.get(f"/console/explorer/startups/{startup.pk}/"))
    assert "Its neighbours Content based Neighbour 1.0000" in shown
    assert "Mina Member student or developer, 0.7500, mutual 0.5000" in shown


def test_a_hidden_startup_can_be_looked_into_though_the_service_refuses(console, service, make_startup, text):
    hidden = make_startup(status="hidden", title="Hidden one")
    service.behave = service.sends(404, b'{"title": "Not Found", "status": 404, "detail": "no startup of that id"}')
    shown = text(console.get(f"/console/explorer/startups/{hidden.pk}/"))
    assert shown.count("The recommendation service refused: no startup of that id") == 1
    assert "Hidden by its owner" in shown


def test_who_is_not_there_has_no_page(console):
    for kind in ("members", "startups"):
        assert console.get(f"/console/explorer/{kind}/{uuid.uuid4()}/").status_code == 404


@pytest.mark.parametrize("kind", ["member", "startup"])
def test_a_longer_history_asks_no_more_queries(console, service_down, make_user, make_startup, make_event, kind):
    member, startup = make_user(), make_startup()
    address = f"/console/explorer/{kind}s/{(member if kind == 'member' else startup).pk}/"

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert console.get(address).status_code == 200
        return len(captured)

    make_event(member, startup, "like")
    few = queries()
    for _ in range(5):
        make_event(
            make_user() if kind == "startup" else member, startup if kind == "startup" else make_startup(), "like"
        )
    assert queries() == few
