"""Factories of records: `make_user()`, `make_startup(tags=[...])`, `make_event(user, startup, "like")`."""

from __future__ import annotations

import itertools
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.cache import cache
from pydantic import BaseModel

from accounts.models import Preferences, Profile, User
from contracts.api import Reason, Recommendations, RecommendedStartup, SimilarStartups
from interactions.models import InteractionEvent
from startups.models import Position, Startup

PASSWORD = "a long enough password"

UserFactory = Callable[..., User]
StartupFactory = Callable[..., Startup]
EventFactory = Callable[..., InteractionEvent]


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_background_work(settings: Any) -> None:
    """A thread that outlives its test would meet another test's database."""
    settings.PUBLISH_CHANGES = False


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Throttles count in the cache; one test's requests must not slow another's."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _mail_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look members up and write to them within the test's own transaction."""
    monkeypatch.setattr("accounts.mail.soon", lambda task: task())


@pytest.fixture
def make_user(db: None) -> UserFactory:
    """`make_user(email=..., role=..., profile={...}, preferences={...}, **user_fields)`; logs in with `PASSWORD`."""
    numbers = itertools.count(1)

    def make(
        *, profile: dict[str, Any] | None = None, preferences: dict[str, Any] | None = None, **fields: Any
    ) -> User:
        number = next(numbers)
        fields = {"email": f"member{number}@example.org", "name": f"Member {number}", **fields}
        user = User.objects.create_user(fields.pop("email"), fields.pop("password", PASSWORD), **fields)
        Profile.objects.create(user=user, **profile or {})
        Preferences.objects.create(user=user, **preferences or {})
        return user

    return make


@pytest.fixture
def make_startup(db: None) -> StartupFactory:
    """`make_startup(title=..., tags=[...], positions=["Engineer"], **startup_fields)`."""
    numbers = itertools.count(1)

    def make(*, positions: list[str] | None = None, **fields: Any) -> Startup:
        number = next(numbers)
        defaults = {"title": f"Startup {number}", "type": "collaboration", "category": "fintech", "field": "payments"}
        startup = Startup.objects.create(**{**defaults, **fields})
        Position.objects.bulk_create(Position(startup=startup, title=title) for title in positions or [])
        return startup

    return make


@pytest.fixture
def make_event(db: None) -> EventFactory:
    """`make_event(user, startup, "like", occurred_at=...)`; `undoes=event` makes it the undoing of that event."""

    def make(user: User, startup: Startup, kind: str, **fields: Any) -> InteractionEvent:
        fields.setdefault("idempotency_key", uuid.uuid4().hex)
        return InteractionEvent.objects.create(user=user, startup=startup, type=kind, **fields)

    return make


@pytest.fixture
def member(make_user: UserFactory) -> User:
    """A student."""
    return make_user(name="Mina Member", role="student")


@pytest.fixture
def startup(make_startup: StartupFactory) -> Startup:
    """An active collaboration startup with one position."""
    return make_startup(title="Ledgerleaf", positions=["Backend engineer"])


class StandInService:
    """A recommendation service on a real port, which behaves as the test says.

    Attributes:
        url: Where it listens.
        behave: Answers one request; `answers(...)`, `sends(...)` and `hangs` make common ones.
        paths: What it was asked, in order.
        tokens: The Authorization header of each request.
        bodies: The body of each request.
    """

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.tokens: list[str] = []
        self.bodies: list[bytes] = []
        self.behave: Callable[[BaseHTTPRequestHandler], None] = self.sends(503, b"nothing to say yet")
        self.closing = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.paths.append(self.path)
                service.tokens.append(self.headers.get("Authorization", ""))
                service.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                service.behave(self)

            do_POST = do_GET  # noqa: N815 - the name that http.server calls

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @staticmethod
    def sends(status: int, body: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
        """Send this status and body."""

        def behave(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        return behave

    def answers(self, message: BaseModel) -> None:
        """Answer every request with this message of the contract."""
        self.behave = self.sends(200, message.model_dump_json().encode())

    def hangs(self, handler: BaseHTTPRequestHandler) -> None:
        """Take the request and never answer."""
        self.closing.wait(20)


@pytest.fixture
def service(settings: Any) -> Iterator[StandInService]:
    """A recommendation service that the platform asks; its deadline is short."""
    stand_in = StandInService()
    settings.RECOMMENDATION_SERVICE_URL = stand_in.url
    settings.RECOMMENDATION_SERVICE_TIMEOUT_SECONDS = 0.5
    thread = threading.Thread(target=stand_in.server.serve_forever, args=(0.01,))
    thread.start()
    yield stand_in
    stand_in.closing.set()
    stand_in.server.shutdown()
    stand_in.server.server_close()
    thread.join()


@pytest.fixture
def service_down(settings: Any) -> None:
    """Nobody listens where the recommendation service should be."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.RECOMMENDATION_SERVICE_URL = f"http://127.0.0.1:{unused.getsockname()[1]}"


def places(startups: Sequence[Startup]) -> list[RecommendedStartup]:
    """The startups as places of an answer, in order."""
    why = [Reason(kind="shared_category", values=["fintech"], text="In fintech, which you chose")]
    return [
        RecommendedStartup(startup_id=startup.pk, rank=rank, score=1 / rank, reasons=why)
        for rank, startup in enumerate(startups, start=1)
    ]


@pytest.fixture
def recommend() -> Callable[..., Recommendations]:
    """`recommend(user, [startup, ...], **changes)`: what a healthy service answers."""

    def answer(user: User, startups: Sequence[Startup], **changes: Any) -> Recommendations:
        values = {
            "request_id": uuid.uuid4(),
            "user_id": user.pk,
            "segment": "warm",
            "rung": "two_tower",
            "engine": "two_tower",
            "model_version": "two_tower_v7",
            "degraded": False,
            "exhausted": False,
            "generated_at": datetime.now(tz=UTC),
            "items": places(startups),
        }
        return Recommendations(**{**values, **changes})

    return answer


@pytest.fixture
def similar_to() -> Callable[..., SimilarStartups]:
    """`similar_to(startup, [other, ...])`: what a healthy service answers."""

    def answer(startup: Startup, startups: Sequence[Startup]) -> SimilarStartups:
        return SimilarStartups(
            request_id=uuid.uuid4(),
            startup_id=startup.pk,
            segment="warm",
            rung="content_based",
            engine="content_based",
            model_version=None,
            degraded=False,
            exhausted=False,
            generated_at=datetime.now(tz=UTC),
            items=places(startups),
        )

    return answer
