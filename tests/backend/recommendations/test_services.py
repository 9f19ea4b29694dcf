from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.api import Rung
from recommendations.services import recommendations_for_user, startups_similar_to

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def titles(feed):
    return [item.startup.title for item in feed.items]


def ranks(feed):
    return [item.rank for item in feed.items]


def test_the_services_answer_is_passed_on_with_its_makers(service, recommend, member, make_startup):
    startups = [make_startup(title="A"), make_startup(title="B")]
    answer = recommend(member, startups)
    service.answers(answer)
    feed = recommendations_for_user(user=member, limit=2)
    assert (titles(feed), ranks(feed)) == (["A", "B"], [1, 2])
    assert (feed.request_id, feed.engine, feed.model_version) == (answer.request_id, "two_tower", "two_tower_v7")
    assert (feed.segment, feed.rung, feed.degraded) == ("warm", "two_tower", False)
    assert feed.items[0].reasons[0].text == "In fintech, which you chose"


def test_the_services_own_degradation_is_passed_on(service, recommend, member):
    service.answers(recommend(member, [], rung="trending", degraded=True, degraded_reason="no model"))
    feed = recommendations_for_user(user=member, limit=2)
    assert (feed.rung, feed.degraded, feed.degraded_reason) == (Rung.TRENDING, True, "no model")


def test_the_rules_hold_on_the_services_answer_and_keep_its_ranks(service, recommend, member, make_startup, make_event):
    """The service's catalogue may be seconds old; places that fall out stay empty, so that positions stay true."""
    gone, own, applied, interested, disliked, good = (make_startup() for _ in range(6))
    gone.status = "hidden"
    gone.save()
    own.owner = member
    own.save()
    for startup, kind in [(applied, "apply"), (interested, "interest"), (disliked, "dislike"), (good, "like")]:
        make_event(member, startup, kind)
    service.answers(recommend(member, [gone, own, applied, interested, disliked, good]))
    feed = recommendations_for_user(user=member, limit=6)
    assert (titles(feed), ranks(feed)) == ([good.title], [6])


def test_a_startup_deleted_meanwhile_is_left_out(service, recommend, member, startup):
    service.answers(recommend(member, [startup]))
    startup.delete()
    assert titles(recommendations_for_user(user=member, limit=1)) == []


BEHAVIOURS = {
    "fails": (lambda service: service.sends(500, b"boom"), "answered with an error"),
    "does not know the person": (lambda service: service.sends(404, b"{}"), "refused the request"),
    "sends garbage": (lambda service: service.sends(200, b"garbage"), "invalid answer"),
    "hangs": (lambda service: service.hangs, "did not answer in time"),
    "hangs up": (lambda service: lambda handler: handler.connection.close(), "unreachable"),
}


@pytest.mark.parametrize(("behaviour", "reason"), BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_whatever_the_service_does_there_is_an_honest_answer(
    service, member, make_user, make_startup, make_event, behaviour, reason
):
    newest = make_startup(title="newest", opened_at=NOON)
    popular = make_startup(title="popular", opened_at=NOON - timedelta(days=50))
    make_event(make_user(), popular, "like")
    service.behave = behaviour(service)
    feed = recommendations_for_user(user=member, limit=10)
    assert titles(feed) == [popular.title, newest.title]
    assert feed.degraded
    assert reason in feed.degraded_reason
    assert (feed.engine, feed.rung, feed.model_version, feed.segment) == ("platform_popularity", "trending", None, None)
    assert [item.reasons[0].kind for item in feed.items] == ["popular", "newest"]


def test_without_any_act_the_fallback_is_the_newest(service_down, member, make_startup):
    for days in (2, 0, 1):
        make_startup(title=f"{days} days old", opened_at=NOON - timedelta(days=days))
    feed = recommendations_for_user(user=member, limit=2)
    assert titles(feed) == ["0 days old", "1 days old"]
    assert (feed.engine, feed.rung) == ("platform_newest", "newest")


def test_the_fallback_keeps_the_rules(service_down, member, make_user, make_startup, make_event):
    own, applied, disliked, hidden, good = (make_startup() for _ in range(5))
    own.owner = member
    own.save()
    hidden.status = "hidden"
    hidden.save()
    make_event(member, applied, "apply")
    make_event(member, disliked, "dislike")
    for startup in (own, applied, disliked, hidden):
        make_event(make_user(), startup, "like")
    assert titles(recommendations_for_user(user=member, limit=10)) == [good.title]


def test_an_empty_platform_gives_an_empty_feed(service_down, member):
    assert recommendations_for_user(user=member, limit=10).items == ()


def test_similar_startups_leave_out_itself_and_what_must_not_be_recommended(
    service, similar_to, member, startup, make_startup, make_event
):
    disliked, good, better = (make_startup() for _ in range(3))
    make_event(member, disliked, "dislike")
    service.answers(similar_to(startup, [startup, disliked, better, good]))
    feed = startups_similar_to(startup=startup, user=member, limit=1)
    assert (titles(feed), ranks(feed), feed.degraded) == ([better.title], [3], False)


def test_without_the_service_the_newest_of_the_category_are_similar(service_down, member, make_startup, make_event):
    startup = make_startup(category="health")
    older = make_startup(category="health", opened_at=NOON)
    newer = make_startup(category="health")
    make_event(member, make_startup(category="health"), "dislike")
    make_startup(category="gaming")
    feed = startups_similar_to(startup=startup, user=member, limit=5)
    assert titles(feed) == [newer.title, older.title]
    assert feed.degraded
    assert feed.items[0].reasons[0].text == "Also in health"


def test_without_service_and_category_nothing_is_similar(service_down, member, make_startup):
    make_startup(category="")
    assert startups_similar_to(startup=make_startup(category=""), user=member, limit=5).items == ()


def test_a_popular_startup_hidden_since_it_was_counted_is_left_out(
    service_down, member, make_user, make_startup, make_event
):
    hidden, good = make_startup(), make_startup()
    make_event(make_user(), hidden, "like")
    recommendations_for_user(user=member, limit=2)
    hidden.status = "hidden"
    hidden.save()
    assert titles(recommendations_for_user(user=member, limit=2)) == [good.title]
