from __future__ import annotations

from uuid import uuid4

import pytest


def test_a_startups_page_shows_it_whole_and_what_is_like_it(web, service, similar_to, make_startup, page):
    startup = make_startup(
        title="Solar Roofs", description="We roof with sun.\n\nAnd more than that.", positions=["Engineer"]
    )
    service.answers(similar_to(startup, [make_startup(title="Wind Walls")]))
    response = web.get(f"/startups/{startup.pk}/")
    answer = page(response)
    for part in ("We roof with sun.", "And more than that.", "Engineer", "Wind Walls", "Collaboration: looking for"):
        assert part in answer.text
    assert f'action="/startups/{startup.pk}/apply/"' in response.content.decode()


def test_without_the_service_the_same_category_stands_in(web, service_down, startup, make_startup, page):
    other = make_startup(category=startup.category)
    answer = page(web.get(f"/startups/{startup.pk}/"))
    assert "The newest of the same category stand in" in answer.text
    assert other.title in answer.text


def test_when_nothing_is_similar_the_page_says_so(web, service_down, startup, page):
    assert "Nothing like it is open right now." in page(web.get(f"/startups/{startup.pk}/")).text


@pytest.mark.parametrize("status", ["hidden", "sold", "closed"])
def test_an_invisible_startup_has_no_page(web, make_startup, page, status):
    answer = page(web.get(f"/startups/{make_startup(status=status).pk}/"), 404)
    assert "no longer open" in answer.text


def test_opening_it_counts_once_per_answer_that_led_there(web, service_down, startup, page):
    request_id = uuid4()
    address = f"/startups/{startup.pk}/?request_id={request_id}&position=3"
    first, again = page(web.get(address)), page(web.get(address))
    assert first.fields["type"] == "click"
    assert first.fields["key"] == again.fields["key"] == f"{startup.pk}:{request_id}"
    assert (first.fields["request_id"], first.fields["position"]) == (str(request_id), "3")


def test_a_mangled_link_still_opens_the_page(web, service_down, startup, page):
    answer = page(web.get(f"/startups/{startup.pk}/?request_id=x&position=-1"))
    assert (answer.fields["request_id"], answer.fields["position"]) == ("", "")


def test_ones_own_startup_has_no_buttons(web, service_down, member, make_startup, page):
    answer = page(web.get(f"/startups/{make_startup(owner=member).pk}/"))
    assert "This is your startup." in answer.text
    assert answer.buttons == []


def test_a_page_takes_few_queries(web, service, similar_to, startup, make_startup, django_assert_max_num_queries):
    service.answers(similar_to(startup, [make_startup(positions=["Engineer"]) for _ in range(6)]))
    with django_assert_max_num_queries(18):
        web.get(f"/startups/{startup.pk}/")
