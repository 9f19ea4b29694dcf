from __future__ import annotations

import pytest


def test_a_card_says_what_it_is_and_why_it_is_there(web, service, recommend, member, make_startup, page):
    startup = make_startup(
        title="Solar Roofs",
        description="We roof with sun. And more than that.",
        category="clean-energy",
        tags=["climate"],
        phase="launched",
        city="Berlin",
        country="DEU",
        positions=["Engineer", "Designer", "Seller", "Lawyer", "Cook"],
    )
    service.answers(recommend(member, [startup]))
    answer = page(web.get("/"))
    for part in [
        "Solar Roofs",
        "We roof with sun.",
        "Clean energy",
        "Climate",
        "Launched",
        "Berlin, DEU",
        "Engineer Designer Seller +2 more",
        "In fintech, which you chose",
        "Ranked by what members like you liked. It follows what you like, save and hide.",
    ]:
        assert part in answer.text
    assert "And more than that" not in answer.text
    assert "Not your usual" not in answer.text


def test_the_buttons_carry_what_led_to_them(web, service, recommend, member, make_startup, page):
    answer = recommend(member, [make_startup()])
    service.answers(answer)
    shown = page(web.get("/"))
    assert shown.fields["request_id"] == str(answer.request_id)
    assert shown.fields["position"] == "1"
    assert f"request_id={answer.request_id}&position=1" in " ".join(shown.links)


@pytest.mark.parametrize(
    ("role", "kind", "button"),
    [
        ("student", "collaboration", "apply"),
        ("entrepreneur", "collaboration", "apply"),
        ("investor", "collaboration", "interest"),
        ("student", "marketplace", "interest"),
        ("investor", "marketplace", "interest"),
    ],
)
def test_the_main_button_fits_the_person_and_the_startup(
    client, make_user, make_startup, service_down, page, role, kind, button
):
    """Applying takes a letter, which is written on the startup's page."""
    startup = make_startup(type=kind)
    client.force_login(make_user(role=role))
    answer = page(client.get("/"))
    assert (("type", "interest") in answer.buttons) == (button == "interest")
    leads_to_the_letter = [link for link in answer.links if link.endswith("#apply") and str(startup.pk) in link]
    assert bool(leads_to_the_letter) == (button == "apply")


def test_while_the_service_is_down_the_page_says_so(web, service_down, startup, page):
    answer = page(web.get("/"))
    assert "Not your usual recommendations." in answer.text
    assert "unreachable" not in answer.text
    assert startup.title in answer.text
    assert "The newest startups." in answer.text


@pytest.mark.parametrize(("segment", "helped"), [("cold", True), ("warm", False)])
def test_who_is_new_is_shown_how_to_be_known(web, service, recommend, member, startup, page, segment, helped):
    service.answers(recommend(member, [startup], segment=segment))
    assert ("Say what you are looking for" in page(web.get("/")).text) is helped


def test_however_long_the_service_explains_itself_there_is_a_page(web, service, recommend, member, startup, page):
    service.answers(recommend(member, [startup], degraded=True, degraded_reason="x" * 5000))
    assert startup.title in page(web.get("/")).text


def test_staff_also_read_why_and_what(client, make_user, service_down, startup, page):
    client.force_login(make_user(is_staff=True))
    answer = page(client.get("/"))
    assert "the recommendation service is unreachable" in answer.text
    assert "platform_newest" in answer.text


def test_an_empty_feed_says_what_to_do(web, service_down, page):
    assert "You have seen everything that is open" in page(web.get("/")).text


def test_queries_do_not_grow_with_the_cards(
    web, service, recommend, member, make_startup, django_assert_max_num_queries
):
    startups = [make_startup(positions=["Engineer"]) for _ in range(20)]
    service.answers(recommend(member, startups))
    with django_assert_max_num_queries(15):
        web.get("/")


def test_stored_text_is_data(web, service, recommend, member, make_startup, page):
    planted = "<script>alert(1)</script>{{ 7|add:7 }}{% now 'Y' %}<img src=x onerror=alert(1)>"
    startup = make_startup(
        title=planted, description=planted, category=planted[:80], field=planted[:80], tags=[planted[:80]],
        stages=[planted[:80]], city=planted, country=planted[:80], positions=[planted],
    )  # fmt: skip
    member.name = planted
    member.save()
    service.answers(recommend(member, [startup]))
    for address in ("/", f"/startups/{startup.pk}/"):
        response = web.get(address)
        assert b"<script>alert" not in response.content
        assert b"onerror=alert(1)&gt;" in response.content
        assert b"<img src=x" not in response.content
        assert "{{ 7|add:7 }}" in page(response).text
