from __future__ import annotations


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
