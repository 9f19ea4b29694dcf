from __future__ import annotations

from applications.models import Application
from applications.services import application_submit
from startups.services import startup_change_status


def test_it_lists_what_stands_and_offers_to_take_it_back(web, member, make_user, make_startup, make_event, page):
    liked, undone, viewed, others = (make_startup(title=title) for title in ("Liked", "Undone", "Viewed", "Others"))
    make_event(member, liked, "favorite")
    make_event(member, undone, "like", undoes=make_event(member, undone, "like"))
    make_event(member, viewed, "view")
    make_event(make_user(), others, "like")
    answer = page(web.get("/activity/"))
    assert answer.buttons == [("undo", "favorite")]
    assert "Saved Liked" in answer.text
    for absent in ("Undone", "Viewed", "Others"):
        assert absent not in answer.text


def test_taking_back_from_the_list_leads_back_to_it(web, member, startup, make_event, page):
    make_event(member, startup, "dislike")
    form = page(web.get("/activity/?tab=hidden"))
    response = web.post(f"/startups/{startup.pk}/acts/", {"undo": "dislike", **form.fields}, follow=True)
    assert response.redirect_chain == [("/activity/?tab=hidden", 302)]
    assert "Nothing yet" in page(response).text


def test_the_number_of_queries_does_not_grow(web, member, make_startup, make_event, django_assert_max_num_queries):
    for _ in range(10):
        make_event(member, make_startup(), "like")
    with django_assert_max_num_queries(11):
        web.get("/activity/")


def test_each_list_has_its_number_and_its_acts(web, member, make_startup, make_event, page):
    for title, kind in [("A", "apply"), ("B", "interest"), ("C", "dislike"), ("D", "like"), ("E", "click")]:
        make_event(member, make_startup(title=f"Startup {title}"), kind)
    for tab, shown in {"saved": "D", "applied": "A", "interested": "B", "hidden": "C"}.items():
        answer = page(web.get(f"/activity/?tab={tab}"))
        assert "Saved 1 Applied 1 Interested 1 Hidden 1 History 5" in answer.text
        assert [title for title in "ABCDE" if f"Startup {title}" in answer.text] == [shown]
    assert all(f"Startup {title}" in page(web.get("/activity/?tab=history")).text for title in "ABCDE")


def test_a_long_list_is_paged_without_gaps(web, member, make_startup, make_event, page):
    wanted = {make_event(member, make_startup(), "like").startup.title for _ in range(35)}
    first = page(web.get("/activity/"))
    following = next(link for link in first.links if "cursor=" in link)
    text = first.text + page(web.get(f"/activity/{following}")).text
    assert all(f"{title} " in text for title in wanted)


def test_a_mangled_cursor_or_tab_begins_anew(web, member, startup, make_event, page):
    make_event(member, startup, "like")
    assert startup.title in page(web.get("/activity/?tab=nothing&cursor=x")).text


def test_an_application_shows_its_status_and_stays_listed_when_withdrawn(web, member, startup, page):
    application_submit(member=member, startup=startup, letter="x")
    answer = page(web.get("/activity/?tab=applied"))
    assert "Submitted Ledgerleaf" in answer.text
    assert ("undo", "apply") in answer.buttons
    web.post(f"/startups/{startup.pk}/acts/", {"undo": "apply", "key": "k"})
    answer = page(web.get("/activity/?tab=applied"))
    assert "Withdrawn Ledgerleaf" in answer.text
    assert "Apply again" in answer.text
    assert "Taken back" in page(web.get("/activity/?tab=history")).text


def test_a_declined_application_stands_once_and_is_counted_once(web, member, startup, make_startup, page):
    for venture, status in ((startup, "declined"), (make_startup(title="Heatloop"), "seen")):
        application = application_submit(member=member, startup=venture)
        Application.objects.filter(pk=application.pk).update(status=status)
    answer = page(web.get("/activity/?tab=applied"))
    current, _, ended = answer.text.partition("Ended")
    assert "Applied 2 " in current
    assert "Seen Heatloop" in current
    assert "Ledgerleaf" not in current
    assert "Declined Ledgerleaf" in ended
    assert "Heatloop" not in ended


def test_what_ended_is_listed_once_behind_the_last_page(web, member, startup, make_startup, make_event, page):
    application_submit(member=member, startup=startup)
    Application.objects.update(status="declined")
    for _ in range(31):
        make_event(member, make_startup(), "apply")
    first = page(web.get("/activity/?tab=applied"))
    assert "Ended" not in first.text
    following = next(link for link in first.links if "cursor=" in link)
    assert "Declined Ledgerleaf" in page(web.get(f"/activity/{following}")).text


def test_what_closed_since_is_named_without_a_link_to_nothing(web, member, startup, make_event, page):
    application_submit(member=member, startup=startup)
    Application.objects.update(status="declined")
    make_event(member, startup, "like")
    startup_change_status(startup=startup, status="closed")
    for address in ("/activity/?tab=applied", "/activity/", "/recommendations/"):
        answer = page(web.get(address))
        assert f"{startup.title} no longer open" in answer.text, address
        assert not [link for link in answer.links if str(startup.pk) in link], address
