"""Every page of the admin answers, shows its records, and asks the database a bounded number of times."""

from __future__ import annotations

from datetime import date

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import SignUp, User
from applications.models import Application, Invitation
from interactions.models import InteractionEvent
from recommendations.models import StartupEmbedding, UserEmbedding
from startups.models import FundingRound, Position, Startup

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
NAMES = [model._meta.label_lower for model in MODELS]


def url(model, page, *arguments):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


@pytest.fixture
def engineer(make_user, client):
    user = make_user(email="engineer@example.org", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def add_records(make_user, make_startup, make_event):
    """Add `n` of every record."""

    def add(n):
        for _ in range(n):
            user = make_user(profile={"skills": ["python"]}, preferences={"tags": ["climate"]})
            startup = make_startup(owner=user, tags=["climate", "energy"], positions=["Engineer", "Designer"])
            FundingRound.objects.create(startup=startup, announced_on=date(2024, 1, 1), kind="seed")
            act = make_event(make_user(), startup, "like")
            make_event(act.user, startup, "like", undoes=act)
            UserEmbedding.objects.create(user=user, model_id="m", text_hash="0" * 64, vector=b"\0" * 1536)
            StartupEmbedding.objects.create(startup=startup, model_id="m", text_hash="0" * 64, vector=b"\0" * 1536)
            Application.objects.create(member=act.user, startup=startup, position=startup.positions.first())
            Invitation.objects.create(member=act.user, startup=startup)
            SignUp.objects.create(email=f"new-{user.pk}@example.org", role="student", password="!")

    return add


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
    assert response.status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_lists_do_not_ask_more_for_more_rows(client, engineer, add_records, model):
    add_records(2)
    client.get(url(model, "changelist"))
    few = queries(client, url(model, "changelist"))
    add_records(6)
    assert queries(client, url(model, "changelist")) <= few + 1


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_every_record_has_a_page(client, engineer, add_records, model):
    add_records(1)
    record = model._default_manager.first()
    if record is not None:
        assert queries(client, url(model, "change", record.pk)) < 30


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_adding_is_offered_only_where_records_are_made_by_hand(client, engineer, model):
    made_by_hand = model in {User, Group, Startup, Position, FundingRound}
    assert client.get(url(model, "add")).status_code == (200 if made_by_hand else 403)


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_lists_can_be_searched(client, engineer, add_records, model):
    add_records(1)
    response = client.get(url(model, "changelist"), {"q": "nothing is called this"})
    assert response.status_code == 200
    assert response.context["cl"].result_count == 0


def test_counts_count_and_do_not_multiply(client, engineer, make_startup, make_event, make_user):
    startup = make_startup(positions=["A", "B", "C"])
    for _ in range(2):
        make_event(make_user(), startup, "like")
    row = client.get(url(type(startup), "changelist")).context["cl"].result_list[0]
    assert (row.acts_count, row.positions_count) == (2, 3)


def test_an_embedding_shows_its_dimensions_and_not_its_bytes(client, engineer, add_records):
    add_records(1)
    page = client.get(url(UserEmbedding, "change", UserEmbedding.objects.get().pk)).content.decode()
    assert "384" in page
    assert "vector" not in page.lower()


def test_the_log_cannot_be_changed_from_its_pages(client, engineer, member, startup, make_event):
    act = make_event(member, startup, "like")
    client.post(url(InteractionEvent, "change", act.pk), {"type": "apply"})
    assert client.post(url(InteractionEvent, "delete", act.pk), {"post": "yes"}).status_code == 403
    act.refresh_from_db()
    assert act.type == "like"


def test_a_person_can_be_deleted_with_everything_they_did(client, engineer, member, startup, make_event):
    make_event(member, startup, "like")
    client.post(url(type(member), "delete", member.pk), {"post": "yes"})
    assert not InteractionEvent.objects.exists()
    assert not type(member).objects.filter(pk=member.pk).exists()


@pytest.mark.parametrize("several", [False, True])
def test_a_person_deleted_here_leaves_as_by_their_own_wish(
    client, engineer, make_user, make_startup, monkeypatch, several
):
    told = []
    monkeypatch.setattr("recommendations.member_parts.startup_publish", lambda **what: told.append(what))
    monkeypatch.setattr("recommendations.member_parts.member_publish", lambda **who: told.append(who))
    member = make_user(email="ada@example.org")
    startup, member_id = make_startup(owner=member), member.pk
    SignUp.objects.create(email=member.email, role="student", password="!")
    AccessAttempt.objects.create(username=member.email, failures_since_start=1, ip_address="127.0.0.1")
    if several:
        form = {"action": "delete_selected", "_selected_action": [str(member_id)], "post": "yes"}
        client.post(url(User, "changelist"), form)
    else:
        client.post(url(User, "delete", member_id), {"post": "yes"})
    assert not User.objects.filter(pk=member_id).exists()
    assert not Startup.objects.exists()
    assert not SignUp.objects.exists()
    assert not AccessAttempt.objects.exists()
    assert told == [{"startup_id": startup.pk}, {"user_id": member_id}]


def test_a_person_made_by_hand_has_a_profile_and_preferences(client, engineer):
    model = type(engineer)
    password = "a long enough password"
    form = {"email": "New@Example.org", "usable_password": "true", "password1": password, "password2": password}
    response = client.post(url(model, "add"), form)
    assert response.status_code == 302, response.context["errors"]
    created = model.objects.get(email="new@example.org")
    assert created.profile.skills == created.preferences.tags == []
    assert created.check_password(password)


def startup_form(startup, **changes):
    """What the startup's page posts."""
    management = {
        f"{prefix}-{name}": value
        for prefix in ("positions", "rounds")
        for name, value in {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}.items()
    }
    opened = {"opened_at_0": startup.opened_at.date().isoformat(), "opened_at_1": "12:00:00"}
    fields = {"title": startup.title, "type": startup.type, "status": "active"}
    return {**management, **opened, **fields, **changes}


def test_terms_are_edited_as_words_between_commas(client, engineer, startup):
    page = url(type(startup), "change", startup.pk)
    response = client.post(page, startup_form(startup, tags=" climate , solar power,, "))
    assert response.status_code == 302, response.context["errors"]
    startup.refresh_from_db()
    assert startup.tags == ["climate", "solar power"]
    assert 'value="climate, solar power"' in client.get(page).content.decode()


def test_a_term_that_stands_twice_is_refused_with_the_reason(client, engineer, startup):
    response = client.post(url(type(startup), "change", startup.pk), startup_form(startup, tags="solar, solar"))
    assert "A term stands twice" in response.content.decode()


def test_members_are_not_let_in(client, member):
    client.force_login(member)
    assert client.get(reverse("admin:index")).status_code == 302


def test_changing_what_belongs_to_a_startup_marks_it_as_changed(client, engineer, make_startup):
    startup = make_startup(positions=["Engineer"])
    position = startup.positions.get()

    def moved_on():
        before = startup.updated_at
        startup.refresh_from_db()
        return startup.updated_at > before

    round_form = {"startup": startup.pk, "announced_on": "2024-01-01", "kind": "seed"}
    assert client.post(url(FundingRound, "add"), round_form).status_code == 302
    assert moved_on()
    form = {"startup": startup.pk, "title": "Cook", "requirements": ""}
    assert client.post(url(Position, "change", position.pk), form).status_code == 302
    assert moved_on()
    assert client.post(url(Position, "delete", position.pk), {"post": "yes"}).status_code == 302
    assert moved_on()


def test_what_strangers_chose_as_password_is_not_shown(client, engineer):
    kept = SignUp.objects.create(email="new@example.org", role="student", password="pbkdf2_sha256$a$b$c")
    page = client.get(url(SignUp, "change", kept.pk)).content.decode()
    assert "pbkdf2" not in page
