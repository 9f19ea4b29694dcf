"""The recommendation service as a Flask application, wired together.

python app.py                                               serve on SERVICE_HOST:SERVICE_PORT
granian --interface wsgi --factory recommendation_service.app:create_app --port 5001
                                                            the same, with the server's own options
"""

from __future__ import annotations

import gc
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
from flask import Flask
from threadpoolctl import threadpool_limits

from recommendation_service.adapters.database_engine import DatabaseUrlError
from recommendation_service.adapters.kept_list_files import KeptListFiles
from recommendation_service.adapters.people_reader import SqlMemberSource
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.adapters.saved_catalogue import SavedCatalogue
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.retrieval.index_config import BuildsIndexes, IndexConfig
from recommendation_service.http_api.access import register_access
from recommendation_service.http_api.admission import Admission, AdmissionConfig
from recommendation_service.http_api.application import ServiceFlask
from recommendation_service.http_api.body_deadline import BodyDeadline
from recommendation_service.http_api.body_places import BODY_PLACES, BodyPlaces, register_body_places
from recommendation_service.http_api.limits import register_limits
from recommendation_service.http_api.measuring import register_measuring
from recommendation_service.http_api.metrics import metrics_blueprint
from recommendation_service.http_api.operations_routes import operations_blueprint
from recommendation_service.http_api.operator_routes import operator_blueprint
from recommendation_service.http_api.problems import register_problems
from recommendation_service.http_api.rate_limits import RateLimitConfig, RateLimiter, register_rate_limits
from recommendation_service.http_api.request_ids import register_request_ids
from recommendation_service.http_api.routes import api_blueprint
from recommendation_service.http_api.security_headers import register_security_headers
from recommendation_service.http_api.tokens import TokenVerifier
from recommendation_service.logging_setup import configure_logging
from recommendation_service.services.bounded_members import BoundedMembers
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.memory import set_large_objects_apart
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.registered_models import RegisteredModels
from recommendation_service.services.user_states import UserStates
from recommendation_service.settings import Settings, read_settings

SPARE_THREADS = 8
"""Threads beyond those that answer, wait and receive bodies, which turn requests away while all others are taken."""
HEADER_SECONDS = 10
"""The longest a client may take to send a request's headers."""
MAX_HEAD_BYTES = 32_768
GARBAGE_THRESHOLDS = (10_000, 10, 100)
"""Objects made and not freed before the youngest are looked through, and how much rarer older ones are."""
SWITCH_SECONDS = 0.001
"""How long a thread may compute while others want to: a request takes less, what is read in the background more."""


def create_app(settings: Settings | None = None) -> Flask:
    """The application with a running service.

    Raises:
        DatabaseUrlError: If DATABASE_URL names no database the service can read.
        ConfigError: If settings do not go together.
    """
    configure_logging()
    # Requests are the parallelism: threads of one small matrix product only wait for each other.
    torch.set_num_threads(1)
    threadpool_limits(limits=1, user_api="blas")
    set_large_objects_apart()
    settings = settings or read_settings()
    service = build_service(settings)
    with without_collector():
        service.start()
    spare_requests()
    return build_app(service, settings)


@contextmanager
def without_collector() -> Iterator[None]:
    """Nothing is garbage yet of all that is read at a start, and looking through it takes a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def spare_requests() -> None:
    """Let neither the garbage collector nor work in the background hold requests up for long.

    What was read lives long, so that it need not be looked through again and again: that takes some 100 ms, in which
    nothing is answered. Catalogues that are replaced are freed without the collector, and so is nearly all else.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    sys.setswitchinterval(SWITCH_SECONDS)


def build_database(settings: Settings) -> SqlPlatformDatabase:
    """The platform's database that the settings name; no connection is opened yet."""
    return SqlPlatformDatabase(
        settings.database_url,
        request_timeout_seconds=settings.database_timeout_seconds,
        pool_size=settings.database_pool_size,
    )


def build_service(settings: Settings, database: SqlPlatformDatabase | None = None) -> RecommendationService:
    """The service over the database and the models that the settings name; not started."""
    database = database or build_database(settings)
    users = UserStates(database, settings.user_read_config())
    return RecommendationService(
        database,
        enable_two_tower=settings.enable_two_tower,
        models=RegisteredModels(settings.models_dir, build_indexes(settings, users.failures)),
        options=settings.serving_options(),
        users=users,
        members=build_members(settings, database, users),
        lists=KeptListFiles(settings.state_dir / "lists"),
        store=SavedCatalogue(settings.state_dir / "catalogue"),
    )


def build_members(settings: Settings, database: SqlPlatformDatabase, users: UserStates) -> BoundedMembers:
    """Who may be named to a startup; the database's breaker is the one of `users`."""
    source = SqlMemberSource(
        settings.database_url, seen=database.seen, request_timeout_seconds=settings.members_timeout_seconds
    )
    return BoundedMembers(source, users.breaker, deadline=timedelta(seconds=settings.members_timeout_seconds))


def build_indexes(settings: Settings, fallbacks: FallbackCounter) -> BuildsIndexes:
    """What decides on the index of a catalogue; nothing is asked of a vector store yet.

    Raises:
        ConfigError: If a vector store is set without its library.
    """
    in_memory = IndexConfig(hnsw_from=settings.hnsw_from)
    if settings.vector_store_url is None:
        return in_memory
    try:
        from recommendation_service.adapters.vector_store import connect_vector_store
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"VECTOR_STORE_URL needs {error.name}, which is not installed: pip install 'launchmatch[vector-store]'"
        ) from error
    return connect_vector_store(
        str(settings.vector_store_url),
        settings.vector_store_key,
        stored_from=settings.vector_store_from,
        otherwise=in_memory,
        fallbacks=fallbacks,
    )


def build_app(service: RecommendationService, settings: Settings) -> Flask:
    """The routes over a service, behind everything that guards them.

    The order counts: who asks is known before how often they ask is counted, and nothing of a body is read before both.
    """
    app = ServiceFlask("recommendation_service", static_folder=None)
    register_measuring(app, service.statistics)
    register_request_ids(app)
    register_security_headers(app)
    register_limits(app)
    app.register_blueprint(api_blueprint(service))
    app.register_blueprint(operator_blueprint(service))
    app.register_blueprint(operations_blueprint(service))
    app.register_blueprint(metrics_blueprint(service))
    register_access(app, TokenVerifier(settings.service_keys))
    rate = RateLimitConfig(per_second=settings.requests_per_second, burst=settings.requests_burst)
    register_rate_limits(app, RateLimiter(rate), service.statistics)
    register_problems(app)
    register_body_places(app, BodyPlaces(BODY_PLACES, service.statistics, BodyDeadline(settings.body_seconds)))
    admission = AdmissionConfig(
        running=settings.threads, waiting=settings.waiting_requests, patience_seconds=settings.waiting_seconds
    )
    app.wsgi_app = Admission(app.wsgi_app, admission, service.statistics)  # type: ignore[method-assign]
    return app


def main() -> int:
    """Serve until interrupted; a setting that cannot be used ends in one sentence and status 2."""
    try:
        settings = read_settings()
        build_service(settings)
        require_free_port(settings)
    except (ConfigError, DatabaseUrlError, OSError) as error:
        sys.stderr.write(f"the recommendation service cannot start: {error}\n")
        return 2
    serve(settings)
    return 0


def require_free_port(settings: Settings) -> None:
    """Find out before the server starts its workers.

    Raises:
        OSError: If the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in settings.service_host else socket.AF_INET
    try:
        with socket.create_server((settings.service_host, settings.service_port), family=family):
            pass
    except OSError as error:
        address = f"{settings.service_host}:{settings.service_port}"
        raise OSError(
            f"cannot listen on {address} ({os.strerror(error.errno or 0)}); set SERVICE_HOST or SERVICE_PORT to another"
        ) from error


def serve(settings: Settings) -> None:
    """Run granian, whose workers each make their own application: threads do not survive a fork.

    A worker that dies is replaced. Told to stop, the workers end what they have begun, in `stop_seconds` at most.
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    Granian(
        "recommendation_service.app:create_app",
        interface=Interfaces.WSGI,
        address=settings.service_host,
        port=settings.service_port,
        workers=settings.workers,
        blocking_threads=settings.threads + settings.waiting_requests + BODY_PLACES + SPARE_THREADS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=MAX_HEAD_BYTES),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=settings.stop_seconds,
    ).serve(target_loader=create_app, wrap_loader=False)


if __name__ == "__main__":
    raise SystemExit(main())
