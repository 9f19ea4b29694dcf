"""Floods a live platform in the ways a member could, and prints as JSON what everybody's first pages then show.

Run by the test beside it in a process of its own, with the live platform's environment.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from collections import Counter, defaultdict
from io import StringIO
from math import log2
from pathlib import Path
from uuid import UUID

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "backend"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - after the set-up

from accounts.models import Preferences, Profile, User  # noqa: E402
from interactions.models import InteractionEvent  # noqa: E402
from interactions.services import interaction_record  # noqa: E402
from recommendations.client import recommendation_client  # noqa: E402
from recommendations.discovery import DiscoverQuery, discover_first_page  # noqa: E402
from recommendations.operator_client import operator_client  # noqa: E402
from startups.models import Startup  # noqa: E402
from startups.services import MAX_TAGS, startup_create  # noqa: E402

RESULT = "RESULT"
ENGINEER = UUID(int=1)
MEMBERS = 40
COPIES = 20
REPEATS = 100
DEEP = 100


def new_member(name):
    user = User.objects.create_user(f"{name}@flood.example", name=name, role="entrepreneur")
    Profile.objects.create(user=user)
    Preferences.objects.create(user=user)
    return user


def copy_of(startup, owner, **changes):
    names = ("title", "description", "type", "category", "field", "phase", "stages", "tags", "country", "city")
    fields = {name: getattr(startup, name) for name in names}
    positions = [
        {"title": position.title, "requirements": position.requirements} for position in startup.positions.all()
    ]
    return startup_create(owner=owner, positions=positions, **{**fields, **changes})


def members():
    return list(User.objects.filter(is_active=True, email__contains="demo.launchmatch").order_by("pk")[:MEMBERS])


def first_pages():
    """For each member, the startups of their first page."""
    pages = [discover_first_page(user=user, query=DiscoverQuery()) for user in members()]
    problems = {page.degraded_reason for page in pages} - {""}
    assert not problems, problems
    return [[item["startup"] for item in page.items] for page in pages]


def exposure():
    """Of each startup, by rung: the sum over members of 1 / log2(1 + its place in what the rung would show)."""
    totals = defaultdict(Counter)
    for user in members():
        for rung in operator_client().inspect(operator_id=ENGINEER, user_id=user.pk, limit=DEEP).rungs:
            for item in rung.items:
                totals[rung.rung.value][str(item.startup_id)] += 1 / log2(1 + item.rank)
    return totals


def publish(expected):
    """Embed what is new and wait until the service knows it."""
    call_command("generate_embeddings", stdout=StringIO())
    recommendation_client().refresh()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{os.environ['RECOMMENDATION_SERVICE_URL']}/readyz") as answer:
            if json.load(answer)["catalogue_size"] == expected:
                time.sleep(2)
                return
        time.sleep(0.2)
    raise AssertionError("the service never saw the flood")


def plant():
    """A flood of each sort; returns the startups by name, and the copies."""
    popular = [
        startup for startup, _ in Counter(InteractionEvent.objects.values_list("startup", flat=True)).most_common()
    ]
    star, middling = (Startup.objects.get(pk=popular[place]) for place in (0, len(popular) // 2))
    copycat = new_member("copycat")
    copies = [copy_of(star, copycat) for _ in range(COPIES)]
    common = Counter(tag for tags in Startup.objects.values_list("tags", flat=True) for tag in tags).most_common()
    stuffing = list(dict.fromkeys([*middling.tags, *(tag for tag, _ in common)]))
    twins = {name: copy_of(middling, new_member(name)) for name in ("plain", "once", "often")}
    twins["stuffed"] = copy_of(middling, new_member("stuffed"), tags=stuffing[:MAX_TAGS])
    fan = new_member("fan")
    interaction_record(user=fan, startup=twins["once"], type="like", idempotency_key="once")
    for number in range(REPEATS):
        interaction_record(user=fan, startup=twins["often"], type="like", idempotency_key=f"often-{number}")
    return twins, copies


def main():
    twins, copies = plant()
    publish(Startup.objects.filter(status="active").count())
    copied = {str(copy.pk) for copy in copies}
    found = {
        "copies_on_each_page": [len(copied & set(page)) for page in first_pages()],
        "exposure": {
            rung: {name: shown[str(startup.pk)] for name, startup in twins.items()}
            for rung, shown in exposure().items()
        },
    }
    sys.stdout.write(f"{RESULT} {json.dumps(found)}\n")


if __name__ == "__main__":
    main()
