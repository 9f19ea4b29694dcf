from __future__ import annotations

import pytest

PASSWORD = "a long enough password"


@pytest.mark.parametrize("address", ["/", "/activity/", "/startups/00000000-0000-4000-8000-000000000000/"])
def test_pages_send_strangers_to_log_in_and_back(client, db, address):
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"/login/?next={address}"


def test_logging_in_by_email_whatever_its_case(client, member, service_down):
    form = {"username": member.email.upper(), "password": PASSWORD, "next": "/activity/"}
    assert client.post("/login/", form)["Location"] == "/activity/"
    assert client.get("/activity/").status_code == 200


def test_a_wrong_password_says_so_and_keeps_the_address(client, member, page):
    answer = page(client.post("/login/", {"username": member.email, "password": "wrong"}))
    assert "do not fit together" in answer.text
    assert answer.fields["username"] == member.email


def test_logging_in_never_leads_off_the_site(client, member):
    form = {"username": member.email, "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/login/", form)["Location"] == "/"


def test_who_is_logged_in_skips_the_login_page(web):
    assert web.get("/login/")["Location"] == "/"


def test_logging_out_is_an_act_and_not_a_link(web):
    assert web.get("/logout/").status_code == 405
    assert web.post("/logout/")["Location"] == "/login/"
    assert web.get("/").status_code == 302
