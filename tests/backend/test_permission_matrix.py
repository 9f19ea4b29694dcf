"""Who may do what: every route, by every method, as everybody, to what is their own and what is another's.

The table says who is let in. Everybody else finds nothing there (404), or is sent to log in when they have not. A
method that a row does not name is refused (405). A new route fails here until it has a row.
"""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tests.backend.web.planted import ROLES, plant_platform
from tests.backend.web.routes import addresses, patterns
from tests.backend.web.stand_in_answers import behaviour

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
EVERYBODY = frozenset(ROLES)
MEMBERS = EVERYBODY - {"stranger"}
STAFF = frozenset({"staff"})
OWNER = frozenset({"owner"})
"""Who owns the startup, its position, and so the application to it."""
APPLICANT = frozenset({"student"})
"""Who applied, and whose act it is."""
INVITED = frozenset({"investor"})
FOUNDERS = frozenset({"student", "owner", "entrepreneur"})
"""Who sees the student: themselves, and who owns any startup."""
NOTHING: frozenset[str] = frozenset()
"""No file stands behind the address on this platform; the tests of the console let engineers see one."""

OPEN = {"GET": EVERYBODY}
READ = {"GET": MEMBERS}
ACT = {"POST": MEMBERS}
FORM = READ | ACT
OPEN_ACT = {"POST": EVERYBODY}
OWN_READ = {"GET": OWNER}
OWN_ACT = {"POST": OWNER}
STAFF_READ = {"GET": STAFF}
STAFF_ACT = {"POST": STAFF}

TABLE = {
    "web:feed": READ,
    "web:activity": READ,
    "web:discover_improve": READ,
    "web:discover_personalisation": ACT,
    "web:discover_belief_remove": ACT,
    "web:discover_impressions": ACT,
    "web:startup": READ,
    "web:act": ACT,
    "web:startup_apply": ACT,
    "web:startup_report": ACT,
    "web:logout": {"POST": NOTHING},  # leads to the page where one logs in
    "web:theme": OPEN_ACT,
    "web:login": dict.fromkeys(("GET", "POST", "PUT"), EVERYBODY),
    "web:signup": OPEN | OPEN_ACT,
    "web:signup_sent": OPEN,
    "web:confirm": OPEN | OPEN_ACT,
    "web:welcome": FORM,
    "web:welcome_step": FORM,
    "web:password_reset": OPEN | OPEN_ACT,
    "web:password_reset_sent": OPEN,
    "web:password_new": dict.fromkeys(METHODS, EVERYBODY),  # says that the link is mangled
    "web:profile": FORM,
    "web:preferences": FORM,
    "web:account": READ,
    "web:password": FORM,
    "web:email": FORM,
    "web:email_confirm": FORM,
    "web:export": READ,
    "web:leave": FORM,
    "web:founder_startups": READ,
    "web:founder_startup_new": FORM,
    "web:founder_startup": OWN_READ,
    "web:founder_startup_edit": OWN_READ | OWN_ACT,
    "web:founder_startup_status": OWN_ACT,
    "web:founder_position_new": OWN_ACT,
    "web:founder_position": OWN_READ | OWN_ACT,
    "web:founder_position_state": OWN_ACT,
    "web:founder_people": OWN_READ,
    "web:founder_invite": OWN_ACT,
    "web:founder_applications": OWN_READ,
    "web:founder_application": OWN_READ,
    "web:founder_application_status": OWN_ACT,
    "web:founder_numbers": OWN_READ,
    "web:member": {"GET": FOUNDERS},
    "web:invitations": READ,
    "web:invitation_reply": {"POST": INVITED},
    "console:overview": STAFF_READ,
    "console:overview_online": STAFF_READ,
    "console:models": STAFF_READ,
    "console:rollback": STAFF_ACT,
    "console:version": {"GET": NOTHING},
    "console:validate": STAFF_ACT,
    "console:activate": STAFF_ACT,
    "console:picture": {"GET": NOTHING},
    "console:training": STAFF_READ,
    "console:training_begin": STAFF_ACT,
    "console:job": STAFF_READ,
    "console:job_part": STAFF_READ,
    "console:job_log": {"GET": NOTHING},
    "console:job_stop": STAFF_ACT,
    "console:job_dataset": {"POST": NOTHING},
    "console:explorer": STAFF_READ,
    "console:explore_member": STAFF_READ,
    "console:explore_startup": STAFF_READ,
    "console:data": STAFF_READ,
    "console:data_figures": STAFF_READ,
    "console:data_import": STAFF_ACT,
    "console:data_export": STAFF_ACT,
    "console:audit": STAFF_READ,
    "api-v1:accounts": OPEN_ACT,
    "api-v1:account-confirm": OPEN_ACT,
    "api-v1:password-reset": OPEN_ACT,
    "api-v1:token-obtain": OPEN_ACT,
    "api-v1:token-revoke": ACT,
    "api-v1:me": dict.fromkeys(("GET", "PATCH", "DELETE"), MEMBERS),
    "api-v1:my-password": ACT,
    "api-v1:my-email": ACT,
    "api-v1:my-email-confirm": ACT,
    "api-v1:my-export": READ,
    "api-v1:my-preferences": dict.fromkeys(("GET", "PATCH"), MEMBERS),
    "api-v1:my-recommendation-settings": dict.fromkeys(("GET", "PUT"), MEMBERS),
    "api-v1:my-recommendations": READ,
    "api-v1:impressions": ACT,
    "api-v1:startups": READ,
    "api-v1:startup": READ,
    "api-v1:startup-similar": READ,
    "api-v1:interactions": FORM,
    "api-v1:interaction": {"GET": APPLICANT},
    "api-v1:interaction-undo": {"POST": APPLICANT},
    "api-v1:applications": FORM,
    "api-v1:application": {"GET": APPLICANT},
    "api-v1:application-withdraw": {"POST": APPLICANT},
    "api-v1:invitations": READ,
    "api-v1:invitation-answer": {"POST": INVITED},
    "api-v1:my-startups": FORM,
    "api-v1:my-startup": dict.fromkeys(("GET", "PATCH"), OWNER),
    "api-v1:my-startup-status": OWN_ACT,
    "api-v1:my-positions": OWN_ACT,
    "api-v1:my-position": {"PATCH": OWNER},
    "api-v1:my-startup-people": OWN_READ,
    "api-v1:my-startup-numbers": OWN_READ,
    "api-v1:my-startup-applications": OWN_READ,
    "api-v1:my-startup-invitations": OWN_READ | OWN_ACT,
    "api-v1:received-application": OWN_READ | OWN_ACT,
    "api-v1:member": {"GET": FOUNDERS},
    "api-schema": OPEN,
    "api-docs": OPEN,
    "healthz": OPEN,
}
"""For each route and method: who is let in. The records of the admin are for staff, by one rule below."""


def outcome(response) -> str:
    """What became of a request."""
    assert response.status_code < 500, response.content.decode()[:500]
    sent_to = response.get("Location", "")
    if response.status_code == 401 or sent_to.startswith(("/login/", "/admin/login/")):
        return "log in"
    return {403: "forbidden", 404: "nothing", 405: "refused method"}.get(response.status_code, "let in")


def expected(name: str, method: str, role: str) -> str:
    """What the table says."""
    if name == "web:login" and role != "stranger":
        return "let in"  # by whatever method: on to the feed
    if method not in TABLE[name]:
        closed_api = name.startswith("api-v1:") and TABLE[name] != OPEN_ACT
        return "log in" if role == "stranger" and closed_api else "refused method"
    if role in TABLE[name][method]:
        return "let in"
    return "log in" if role == "stranger" or name == "web:logout" else "nothing"


def own_routes() -> list[str]:
    return [name for name, _ in patterns() if not name.startswith("admin:")]


class Visitor:
    """A browser of one role, whose every act is undone."""

    def __init__(self, platform, role: str) -> None:
        self.client = Client(raise_request_exception=False)
        if role in platform.members:
            self.client.force_login(platform.members[role])
        self.session = {name: cookie.value for name, cookie in self.client.cookies.items()}

    def ask(self, method: str, address: str) -> str:
        """What becomes of a request without a word in it."""
        self.client.cookies.clear()
        self.client.cookies.load(self.session)
        cache.clear()  # so that nobody is merely slowed down
        kind = "application/json" if address.startswith("/api/") else "application/x-www-form-urlencoded"
        with transaction.atomic():
            answer = outcome(self.client.generic(method, address, content_type=kind))
            transaction.set_rollback(True)
        return answer


@pytest.fixture
def platform(service, db):
    planted = plant_platform(lambda length: "words"[:length])
    startups = [record.pk for record in planted.records if record._meta.label == "startups.Startup"]
    service.behave = behaviour(startups, [user.pk for user in planted.members.values()], "words")
    return planted


def test_every_route_has_a_row_and_every_row_a_route():
    assert sorted(own_routes()) == sorted(TABLE)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_is_let_in_where_the_table_says_and_nowhere_else(platform, role):
    where = addresses(platform.values, platform.objects)
    visitor = Visitor(platform, role)
    questions = [(name, method) for name in own_routes() for method in METHODS]
    found = {(name, method): visitor.ask(method, where[name]) for name, method in questions}
    surprises = {
        f"{method} {name} as {role}": f"{found[name, method]}, expected: {expected(name, method, role)}"
        for name, method in questions
        if found[name, method] != expected(name, method, role)
    }
    assert surprises == {}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "staff"])
def test_the_records_of_the_admin_are_for_staff(platform, role):
    where = addresses(platform.values, platform.objects)
    visitor = Visitor(platform, role)
    admin = [name for name in where if name.startswith("admin:") and name not in {"admin:login", "admin:logout"}]
    questions = [(name, method) for name in admin for method in ("GET", "POST")]
    assert len(questions) > 80
    let_in = [question for question in questions if visitor.ask(question[1], where[question[0]]) == "let in"]
    assert let_in == []


def test_the_admin_lets_staff_in(platform):
    assert Visitor(platform, "staff").ask("GET", "/admin/") == "let in"
